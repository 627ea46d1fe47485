"""Does a row fit its table? Asked before writing, so that one bad row does not sink its page."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, Numeric, String, Table
from sqlalchemy.types import TypeEngine

from sellermind.models.orders import SetAside
from sellermind.storage.documents import serialize


def fitting(
    table: Table, key: str, rows: Iterable[dict[str, Any]]
) -> tuple[dict[str, dict[str, Any]], tuple[SetAside, ...]]:
    """The rows that fit their table, by their external id (the last one of each), and the others with the reason.

    Args:
        table: where they are to be written.
        key: the column of the external id.
        rows: values by column.
    """
    fit: dict[str, dict[str, Any]] = {}
    set_aside = []
    for row in rows:
        reason = misfit(table, row)
        if reason is None:
            fit[row[key]] = row
        else:
            set_aside.append(SetAside(external_id=row[key][:64], reason=reason))
    return fit, tuple(set_aside)


def misfit(table: Table, row: Mapping[str, Any]) -> str | None:
    """Name the first column whose value the database would refuse, or None if the row fits.

    Args:
        table: its columns' lengths and ranges are the measure.
        row: values by column.
    """
    checks = _checks(table)
    for name, value in row.items():
        if value is not None and name in checks and not checks[name](value):
            return f"{name} does not fit its column"
    return None


@lru_cache
def _checks(table: Table) -> dict[str, Callable[[Any], bool]]:
    found = ((column.name, _check(column.type)) for column in table.columns)
    return {name: check for name, check in found if check is not None}


def _check(kind: TypeEngine[Any]) -> Callable[[Any], bool] | None:
    if isinstance(kind, JSON):
        return _is_json
    if isinstance(kind, String):
        return partial(_is_text, kind.length)
    if isinstance(kind, Integer):
        limit = 1 << (63 if isinstance(kind, BigInteger) else 31)
        return range(-limit, limit).__contains__
    if isinstance(kind, Numeric):
        return partial(_is_below, Decimal(10) ** ((kind.precision or 0) - (kind.scale or 0)))
    return None


def _is_below(limit: Decimal, value: Decimal) -> bool:
    return value.is_finite() and abs(value) < limit


def _is_text(length: int | None, value: str) -> bool:
    """JSON can spell one half of a surrogate pair alone; no database takes such text."""
    if length is not None and len(value) > length:
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_json(value: Any) -> bool:
    """JSON that MySQL takes."""
    try:
        serialize(value)
    except ValueError:
        return False
    return True
