"""Insert or update by natural key: the one place where the dialects differ."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Executable, Select, Table
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine.interfaces import Dialect

from sellermind.storage.literals import spell_rows

ROWS_PER_STATEMENT = 500  # far below MySQL's max_allowed_packet (16 MB) with our widest rows

Processor = Callable[[Any], Any]


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    owned: Sequence[str],
) -> None:
    """Insert rows; where the key exists already, write the owned columns only.

    Args:
        connection: inside a transaction.
        table: has a unique key over `key`.
        rows: all with the same columns; what is neither key nor owned is written on insert alone.
        key: columns of the unique key. MySQL matches by any unique key of the table.
        owned: columns that the caller's source may change; none of them leaves existing rows as they are.
    """
    if not rows:
        return
    names = tuple(rows[0])
    statement = _statement(connection.dialect, table, names, tuple(key), tuple(owned or key[:1]))
    processors = _processors(connection.dialect, table, names)
    for start in range(0, len(rows), ROWS_PER_STATEMENT):
        chunk = rows[start : start + ROWS_PER_STATEMENT]
        values = [_values(row, processors) for row in chunk]
        if connection.dialect.name != "sqlite":
            values = [(row,) for row in spell_rows(values)]
        # Straight to the driver: SQLAlchemy's own handling of many rows costs as much as the driver's.
        connection.exec_driver_sql(statement, values)


def upsert_from(
    connection: Connection,
    table: Table,
    source: Select[*tuple[Any, ...]],
    parameters: Mapping[str, Any],
    *,
    key: Sequence[str],
    owned: Sequence[str],
) -> None:
    """As `upsert`, with rows that the database holds already: they do not travel.

    Args:
        connection: inside a transaction.
        table: has a unique key over `key`.
        source: made once, not per call: its statement is kept. Its columns are labelled with the table's names.
        parameters: values of the source's bind parameters.
        key: columns of the unique key.
        owned: columns to write where the key exists already; none leaves existing rows as they are.
    """
    statement = _statement_from(connection.dialect.name, table, source, tuple(key), tuple(owned or key[:1]))
    connection.execute(statement, dict(parameters))


@lru_cache
def _statement(
    dialect: Dialect, table: Table, names: tuple[str, ...], key: tuple[str, ...], updated: tuple[str, ...]
) -> str:
    """`VALUES(col)`: MariaDB has no row alias, and only this form lets PyMySQL send many rows as one statement.

    For MySQL a row is one parameter, spelled already.
    """
    quote = dialect.identifier_preparer.quote
    columns = ", ".join(map(quote, names))
    insert = f"INSERT INTO {quote(table.name)} ({columns}) VALUES"
    if dialect.name == "sqlite":
        updates = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in updated)
        conflict = ", ".join(map(quote, key))
        return f"{insert} ({', '.join('?' * len(names))}) ON CONFLICT ({conflict}) DO UPDATE SET {updates}"
    updates = ", ".join(f"{quote(name)} = VALUES({quote(name)})" for name in updated)
    return f"{insert} (%s) ON DUPLICATE KEY UPDATE {updates}"


@lru_cache
def _processors(dialect: Dialect, table: Table, names: tuple[str, ...]) -> tuple[tuple[str, Processor | None], ...]:
    """How each column's type turns a value into what the driver takes; None for as it is."""
    kinds = ((name, table.c[name].type.dialect_impl(dialect)) for name in names)
    return tuple((name, kind.bind_processor(dialect)) for name, kind in kinds)


def _values(row: Mapping[str, Any], processors: tuple[tuple[str, Processor | None], ...]) -> tuple[Any, ...]:
    return tuple([process(row[name]) if process else row[name] for name, process in processors])


@lru_cache
def _statement_from(
    dialect_name: str,
    table: Table,
    source: Select[*tuple[Any, ...]],
    key: tuple[str, ...],
    updated: tuple[str, ...],
) -> Executable:
    names = [column.name for column in source.selected_columns]
    if dialect_name == "sqlite":
        row = sqlite.insert(table).from_select(names, source)
        return row.on_conflict_do_update(index_elements=key, set_={name: row.excluded[name] for name in updated})
    new = mysql.insert(table).from_select(names, source)
    return new.on_duplicate_key_update({name: new.inserted[name] for name in updated})
