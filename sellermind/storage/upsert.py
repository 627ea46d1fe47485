"""Insert or update by natural key: the one place where the dialects differ."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Executable, Select, Table, bindparam, text
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine.interfaces import Dialect

ROWS_PER_STATEMENT = 500  # far below MySQL's max_allowed_packet (16 MB) with our widest rows


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[dict[str, Any]],
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
    build = _on_conflict if connection.dialect.name == "sqlite" else _on_duplicate_key
    statement = build(connection.dialect, table, tuple(rows[0]), tuple(key), tuple(owned or key[:1]))
    for start in range(0, len(rows), ROWS_PER_STATEMENT):
        connection.execute(statement, list(rows[start : start + ROWS_PER_STATEMENT]))


def upsert_from(
    connection: Connection,
    table: Table,
    source: Select[*tuple[Any, ...]],
    *,
    key: Sequence[str],
    owned: Sequence[str],
) -> None:
    """As `upsert`, with rows that the database holds already: they do not travel.

    Args:
        connection: inside a transaction.
        table: has a unique key over `key`.
        source: its columns are labelled with the names of the table's columns.
        key: columns of the unique key.
        owned: columns to write where the key exists already.
    """
    names = [column.name for column in source.selected_columns]
    updated = owned or key[:1]
    if connection.dialect.name == "sqlite":
        row = sqlite.insert(table).from_select(names, source)
        on_conflict = row.on_conflict_do_update(index_elements=key, set_={name: row.excluded[name] for name in updated})
        connection.execute(on_conflict)
    else:
        new = mysql.insert(table).from_select(names, source)
        connection.execute(new.on_duplicate_key_update({name: new.inserted[name] for name in updated}))


@lru_cache
def _on_conflict(
    _dialect: Dialect, table: Table, columns: tuple[str, ...], key: tuple[str, ...], updated: tuple[str, ...]
) -> Executable:
    row = sqlite.insert(table).values({name: bindparam(name, type_=table.c[name].type) for name in columns})
    return row.on_conflict_do_update(index_elements=key, set_={name: row.excluded[name] for name in updated})


@lru_cache
def _on_duplicate_key(
    dialect: Dialect, table: Table, columns: tuple[str, ...], _key: tuple[str, ...], updated: tuple[str, ...]
) -> Executable:
    """`VALUES(col)`: MariaDB has no row alias, and only this form lets PyMySQL send many rows as one statement."""
    quote = dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    values = ", ".join(f":{name}" for name in columns)
    updates = ", ".join(f"{quote(name)} = VALUES({quote(name)})" for name in updated)
    statement = text(
        f"INSERT INTO {quote(table.name)} ({names}) VALUES ({values}) "  # noqa: S608 - names of our own columns
        f"ON DUPLICATE KEY UPDATE {updates}"
    )
    return statement.bindparams(*(bindparam(name, type_=table.c[name].type) for name in columns))
