"""Column types and pieces that all tables share."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, DateTime, Integer, MetaData, Numeric, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

METADATA = MetaData()

# Every table we create on MySQL: InnoDB for its row locks, utf8mb4 for Cyrillic and emoji in one order.
MYSQL_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_unicode_ci",
}


class UtcDateTime(TypeDecorator[datetime]):
    """DATETIME(6) that holds UTC: takes and gives aware datetimes only."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Microseconds, on MySQL too: two readings of one order may be that close."""
        return dialect.type_descriptor(mysql.DATETIME(fsp=6) if dialect.name == "mysql" else DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """UTC without its zone, as the column holds it; for MySQL as text, since PyMySQL's own spelling is slow.

        Raises:
            ValueError: the datetime is naive; SQLAlchemy wraps it in a StatementError.
        """
        if value is None:
            return None
        return _as_text(value) if dialect.name == "mysql" else _without_zone(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the interface
        """The stored time, aware again."""
        return None if value is None else value.replace(tzinfo=UTC)


def _without_zone(value: datetime) -> datetime:
    if value.utcoffset() is None:
        raise ValueError("a naive datetime cannot be stored: its zone is unknown")
    return (value if value.tzinfo is UTC else value.astimezone(UTC)).replace(tzinfo=None)


@lru_cache(maxsize=64)  # the rows of a page bear the same few stamps
def _as_text(value: datetime) -> str:
    return str(_without_zone(value))


# SellerMind's ids are unsigned; SQLite counts up only a plain INTEGER key.
ID = BigInteger().with_variant(mysql.BIGINT(unsigned=True), "mysql").with_variant(Integer(), "sqlite")
# Kopecks and the like: a price in soums passes 2^31.
MINOR_UNITS = BigInteger()
MONEY = Numeric(14, 2)
DOCUMENT = JSON(none_as_null=True)
LONG_TEXT = Text().with_variant(mysql.LONGTEXT(), "mysql")


def exact(length: int = 255) -> TypeEngine[str]:
    """Text that compares byte by byte: MySQL's usual collations take order `a1` for `A1`, SQLite does not."""
    return String(length).with_variant(mysql.VARCHAR(length, collation="utf8mb4_bin"), "mysql")


def row_id() -> Column[int]:
    """The auto-increment key of SellerMind's tables."""
    return Column("id", ID, primary_key=True, autoincrement=True)


def timestamps() -> tuple[Column[datetime], Column[datetime]]:
    """Laravel's created_at and updated_at."""
    return Column("created_at", UtcDateTime), Column("updated_at", UtcDateTime)
