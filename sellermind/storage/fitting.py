"""Does a row fit its table? Asked before writing, so that one bad row does not sink its page."""

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Integer, Numeric, String, Table
from sqlalchemy.types import TypeEngine


def misfit(table: Table, row: Mapping[str, Any]) -> str | None:
    """Name the first column whose value the database would refuse, or None if the row fits.

    Args:
        table: its columns' lengths and ranges are the measure.
        row: values by column.
    """
    for name, value in row.items():
        if value is not None and not _fits(table.c[name], value):
            return f"{name} does not fit its column"
    return None


def _fits(column: Column[Any], value: Any) -> bool:
    kind = column.type
    if isinstance(kind, JSON):
        return _is_json(value)
    if isinstance(value, str):
        return _is_text(value) and len(value) <= _length(kind)
    if isinstance(value, Decimal) and isinstance(kind, Numeric):
        return value.is_finite() and abs(value) < Decimal(10) ** ((kind.precision or 0) - (kind.scale or 0))
    if isinstance(value, int) and isinstance(kind, Integer):
        bits = 63 if isinstance(kind, BigInteger) else 31
        return bool(-(2**bits) <= value < 2**bits)
    return True


def _length(kind: TypeEngine[Any]) -> float:
    return (kind.length if isinstance(kind, String) else None) or math.inf


def _is_text(value: str) -> bool:
    """JSON can spell one half of a surrogate pair alone; no database takes such text."""
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def _is_json(value: Any) -> bool:
    """JSON that MySQL takes: no NaN, and encodable."""
    try:
        return _is_text(json.dumps(value, ensure_ascii=False, allow_nan=False))
    except ValueError:
        return False
