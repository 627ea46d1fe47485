"""Times as marketplaces write them, to aware UTC."""

from datetime import UTC, datetime, timedelta, timezone

MOSCOW = timezone(timedelta(hours=3))
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def wildberries_time(value: object) -> datetime:
    """Read a Wildberries time: RFC 3339 with any offset, Moscow time without one (marketplaces.md 6, row 28).

    Raises:
        ValueError: no such text, or a time outside 2000 to 2099.
    """
    if not isinstance(value, str):
        raise ValueError("not a time in text form")  # noqa: TRY004 - pydantic collects ValueErrors
    try:
        found = datetime.fromisoformat(value.strip().upper())
        return within_reason(found if found.tzinfo else found.replace(tzinfo=MOSCOW))
    except (ValueError, OverflowError):
        raise ValueError("not a time between 2000 and 2099") from None


def within_reason(moment: datetime) -> datetime:
    """Give an aware time in UTC.

    Raises:
        ValueError: outside 2000 to 2099: milliseconds read as seconds, or another slip.
    """
    if not EARLIEST <= moment < LATEST:
        raise ValueError("outside 2000 to 2099")
    return moment.astimezone(UTC)
