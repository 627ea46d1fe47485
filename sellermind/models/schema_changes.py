"""What an upgrade does to a schema, statement by statement."""

from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """What a change costs those who use the table meanwhile."""

    NEW = "new table"
    ONLINE = "online, writes go on"
    COPIED = "copies the table, writes wait"
    ROW = "one row"


@dataclass(frozen=True)
class Change:
    """One statement."""

    kind: str
    """table, column, index, unique key, type or revision."""
    table: str
    name: str
    how: How
    sql: str
