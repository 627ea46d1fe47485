"""Rows that break a unique key which their table is to get: SellerMind reads, then writes, and two writers both do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Index, Select, Subquery, Table, and_, func, inspect, literal_column, select

from sellermind.storage import missing_indexes


@dataclass(frozen=True)
class Duplicates:
    """Rows of one table with the same values in the columns of one unique key."""

    table: str
    columns: tuple[str, ...]
    groups: int
    surplus: int
    """Rows that must go: all but one of each group."""
    query: str
    """Lists the rows of every group, and before each the id of the one to keep."""
    remedy: str


def find(connection: Connection, table: Table) -> Iterator[Duplicates]:
    """What stands in the way of the unique keys that a table lacks.

    Args:
        connection: to a database that has the table.
        table: as this code needs it.
    """
    there = {column["name"] for column in inspect(connection).get_columns(table.name)}
    for index in missing_indexes.missing(connection, table):
        names = tuple(column.name for column in index.columns)
        if index.unique and there.issuperset(names):
            doubled = _doubled(table, index)
            groups, rows = connection.execute(_count(doubled)).one()
            if groups:
                query = str(_listed(table, doubled, names).compile(connection))
                remedy = _remedy(connection, table)
                yield Duplicates(table.name, names, groups, int(rows) - groups, " ".join(query.split()), remedy)


def _doubled(table: Table, index: Index) -> Subquery:
    """The groups: their values, the id to keep, and how many rows they are."""
    columns = [table.c[column.name] for column in index.columns]
    groups = select(*columns, func.min(table.c.id).label("keep_id"), func.count().label("copies"))
    groups = groups.where(*(column.is_not(None) for column in columns)).group_by(*columns)
    return groups.having(func.count() > literal_column("1")).subquery("doubled")


def _count(doubled: Subquery) -> Select[int, int]:
    return select(func.count(), func.sum(doubled.c.copies)).select_from(doubled)


def _listed(table: Table, doubled: Subquery, names: tuple[str, ...]) -> Select[int, Any]:
    alike = and_(*(table.c[name] == doubled.c[name] for name in names))
    rows = select(doubled.c.keep_id, literal_column(f"{table.name}.*"))
    return rows.join(table, alike).order_by(doubled.c.keep_id, table.c.id)


def _remedy(connection: Connection, table: Table) -> str:
    """What to keep: SellerMind updates the first row it finds, so that one is the freshest."""
    pointing = _pointing(connection, table)
    first = f"point {' and '.join(pointing)} to the row keep_id, which SellerMind updates, and then" if pointing else ""
    return f"{first or 'keep the row keep_id, which SellerMind updates, and'} delete the others"


def _pointing(connection: Connection, table: Table) -> list[str]:
    """Columns of other tables that would lose their row, or go with it."""
    keys = inspect(connection).get_multi_foreign_keys()
    return sorted(
        f"{name}.{key['constrained_columns'][0]}"
        for (_, name), found in keys.items()
        for key in found
        if key["referred_table"] == table.name
    )
