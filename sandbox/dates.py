"""Times as the marketplaces write them."""

from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

_DAY = 86_400
_MOSCOW_OFFSET = 3 * 3_600
_MOSCOW = timezone(timedelta(seconds=_MOSCOW_OFFSET))


def rfc3339(epoch: float) -> str:
    """Return a time as RFC 3339 in UTC, whole seconds."""
    days, seconds = divmod(int(epoch), _DAY)
    minutes, second = divmod(seconds, 60)
    return f"{_day(days)}T{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}Z"


def moscow_day(epoch: float) -> str:
    """Return the Moscow calendar day as dd.mm.yyyy, the form of `ddate` and `sellerDate`."""
    year, month, day = _day(int(epoch + _MOSCOW_OFFSET) // _DAY).split("-")
    return f"{day}.{month}.{year}"


def moscow_time(epoch: float) -> str:
    """Return a time as RFC 3339 with Moscow's offset, the form of `/ping`."""
    return datetime.fromtimestamp(int(epoch), _MOSCOW).isoformat()


@lru_cache(maxsize=4096)
def _day(days: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=days)).isoformat()
