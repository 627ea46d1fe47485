"""Which indexes and unique keys of ours a table of somebody else's lacks, whatever its own are called."""

from collections.abc import Iterator

from sqlalchemy import Connection, Index, MetaData, Table, UniqueConstraint, inspect


def missing(connection: Connection, table: Table) -> list[Index]:
    """Indexes and unique keys that the table has under no name.

    Args:
        connection: to a database that has the table.
        table: as this code needs it.
    """
    inspector = inspect(connection)
    found = [(tuple(each["column_names"]), bool(each["unique"])) for each in inspector.get_indexes(table.name)]
    found += [(tuple(each["column_names"]), True) for each in inspector.get_unique_constraints(table.name)]
    unique = {frozenset(columns) for columns, is_unique in found if is_unique}
    lacking = []
    for index in sorted(_indexes(table), key=lambda each: str(each.name)):
        columns = tuple(column.name for column in index.columns)
        plain = any(each[: len(columns)] == columns for each, _ in found)
        if frozenset(columns) not in unique and (index.unique or not plain):
            lacking.append(index)
    return lacking


def _indexes(table: Table) -> Iterator[Index]:
    """A table's indexes, its unique constraints among them; on a copy, since an index attaches itself."""
    copy = table.to_metadata(MetaData())
    yield from copy.indexes
    for constraint in copy.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield Index(str(constraint.name), *constraint.columns, unique=True)
