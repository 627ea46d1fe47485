"""Make tables as this code needs them: create what is missing, add to what is there, touch no row."""

from collections.abc import Sequence

from alembic.operations import Operations
from sqlalchemy import Connection, Table, inspect
from sqlalchemy.dialects import mysql

from sellermind.errors import Misconfigured
from sellermind.storage import duplicates, missing_indexes
from sellermind.storage.tables.columns import MINOR_UNITS

DRY_RUN = "sellermind_dry_run"
"""Execution option of a connection that sends no change (sellermind/storage/schema_changes.py)."""


def adopt(operations: Operations, tables: Sequence[Table]) -> None:
    """Create the tables that are missing; give the others the columns and indexes that they lack.

    Whatever could stand in the way is looked for before anything is changed. Doing it again changes nothing, so
    an upgrade that was cut off (MySQL commits every step) goes on where it was.

    Args:
        operations: Alembic's, inside a revision.
        tables: in an order in which they can be created.

    Raises:
        Misconfigured: rows of an existing table break a unique key that it must get; not in a dry run.
    """
    connection = operations.get_bind()
    there = set(inspect(connection).get_table_names())
    existing = [table for table in tables if table.name in there]
    if not connection.get_execution_options().get(DRY_RUN):
        for table in existing:
            _refuse_duplicates(connection, table)
    for table in existing:
        _complete_columns(operations, table)
        for index in missing_indexes.missing(connection, table):
            index.create(connection)
    for table in tables:
        if table.name not in there:
            table.create(connection)


def _refuse_duplicates(connection: Connection, table: Table) -> None:
    """Say where rows break a unique key that the table is to get.

    Raises:
        Misconfigured: they do.
    """
    for found in duplicates.find(connection, table):
        raise Misconfigured(
            f"The table {found.table} has several rows with the same {', '.join(found.columns)}, so it cannot get its "
            f"unique key: list them with `{found.query}`, {found.remedy}, and run this again; of this table nothing "
            "was changed."
        )


def _complete_columns(operations: Operations, table: Table) -> None:
    """Add missing columns; make INT amounts BIGINT, for a price in soums passes 2^31."""
    connection = operations.get_bind()
    found = {column["name"]: column for column in inspect(connection).get_columns(table.name)}
    for column in table.columns:
        there = found.get(column.name)
        if there is None:
            operations.add_column(table.name, column)
        elif column.type is MINOR_UNITS and isinstance(there["type"], mysql.INTEGER):
            operations.alter_column(
                table.name,
                column.name,
                type_=MINOR_UNITS,
                existing_nullable=there["nullable"],
                existing_comment=there.get("comment"),
            )
