"""Make tables as this code needs them: create what is missing, add to what is there, touch no row."""

from collections.abc import Iterator, Sequence

from alembic.operations import Operations
from sqlalchemy import Connection, Index, MetaData, Table, UniqueConstraint, func, inspect, literal_column, select
from sqlalchemy.dialects import mysql

from sellermind.errors import Misconfigured
from sellermind.storage.tables.columns import MINOR_UNITS


def adopt(operations: Operations, tables: Sequence[Table]) -> None:
    """Create the tables that are missing; give the others the columns and indexes that they lack.

    Whatever could stand in the way is looked for before anything is changed. Doing it again changes nothing, so
    an upgrade that was cut off (MySQL commits every step) goes on where it was.

    Args:
        operations: Alembic's, inside a revision.
        tables: in an order in which they can be created.

    Raises:
        Misconfigured: rows of an existing table break a unique key that it must get.
    """
    connection = operations.get_bind()
    there = set(inspect(connection).get_table_names())
    existing = [table for table in tables if table.name in there]
    for table in existing:
        for index in _missing_indexes(connection, table):
            _refuse_duplicates(connection, table, index)
    for table in existing:
        _complete_columns(operations, table)
        for index in _missing_indexes(connection, table):
            index.create(connection)
    for table in tables:
        if table.name not in there:
            table.create(connection)


def _missing_indexes(connection: Connection, table: Table) -> list[Index]:
    """Indexes and unique keys of ours that the table has under no name."""
    inspector = inspect(connection)
    found = [(tuple(each["column_names"]), bool(each["unique"])) for each in inspector.get_indexes(table.name)]
    found += [(tuple(each["column_names"]), True) for each in inspector.get_unique_constraints(table.name)]
    unique = {frozenset(columns) for columns, is_unique in found if is_unique}
    missing = []
    for index in _indexes(table):
        columns = tuple(column.name for column in index.columns)
        plain = any(each[: len(columns)] == columns for each, _ in found)
        if frozenset(columns) not in unique and (index.unique or not plain):
            missing.append(index)
    return missing


def _indexes(table: Table) -> Iterator[Index]:
    """A table's indexes, its unique constraints among them; on a copy, since an index attaches itself."""
    copy = table.to_metadata(MetaData())
    yield from copy.indexes
    for constraint in copy.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield Index(str(constraint.name), *constraint.columns, unique=True)


def _refuse_duplicates(connection: Connection, table: Table, index: Index) -> None:
    """Say where rows break a unique key that the table is to get.

    Raises:
        Misconfigured: they do.
    """
    there = {column["name"] for column in inspect(connection).get_columns(table.name)}
    names = [column.name for column in index.columns]
    if not index.unique or not there.issuperset(names):
        return
    columns = [table.c[name] for name in names]
    doubled = select(*columns, func.count()).group_by(*columns).having(func.count() > literal_column("1"))
    doubled = doubled.where(*(column.is_not(None) for column in columns))
    if connection.execute(doubled.limit(1)).first() is not None:
        raise Misconfigured(
            f"The table {table.name} has several rows with the same {', '.join(names)}, so it cannot get its unique "
            f"key: list them with `{' '.join(str(doubled).split())}`, keep one of each, and upgrade again; nothing "
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
