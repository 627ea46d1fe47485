"""Does a listing say anything that the table does not hold yet? What says nothing new is not written."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any


def differs(row: Mapping[str, Any], stored: tuple[Any, ...], names: Sequence[str]) -> bool:
    """Compare what a source says with what the table holds.

    Args:
        row: values by column.
        stored: the table's values of `names`, in that order.
        names: the columns that the source owns.
    """
    wanted = tuple(row[name] for name in names)
    return wanted != stored and not all(map(_same, wanted, stored))


def _same(wanted: Any, stored: Any) -> bool:
    """Equal, up to what a database made by SellerMind's own migrations changes: ids as text, whole seconds."""
    if isinstance(stored, datetime) and isinstance(wanted, datetime):
        return abs(stored - wanted) < timedelta(seconds=1)
    if isinstance(stored, str) and isinstance(wanted, int):
        return stored == str(wanted)
    return bool(stored == wanted)
