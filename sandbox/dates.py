"""Times as the marketplaces write them."""

from datetime import UTC, datetime, timedelta, timezone

_MOSCOW = timezone(timedelta(hours=3))


def rfc3339(epoch: float) -> str:
    """Return a time as RFC 3339 in UTC, whole seconds."""
    return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moscow_day(epoch: float) -> str:
    """Return the Moscow calendar day as dd.mm.yyyy, the form of `ddate` and `sellerDate`."""
    return datetime.fromtimestamp(epoch, _MOSCOW).strftime("%d.%m.%Y")


def moscow_time(epoch: float) -> str:
    """Return a time as RFC 3339 with Moscow's offset, the form of `/ping`."""
    return datetime.fromtimestamp(int(epoch), _MOSCOW).isoformat()
