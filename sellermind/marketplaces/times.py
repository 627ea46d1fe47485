"""Times as marketplaces write them, to aware UTC."""

from datetime import UTC, datetime, timedelta, timezone

MOSCOW = timezone(timedelta(hours=3))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_MILLISECONDS = 10**11
"""As milliseconds 1973, as seconds the year 5138: between 2000 and 2099 no number can be meant as both."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def wildberries_time(value: object) -> datetime:
    """Read a Wildberries time: RFC 3339 with any offset, Moscow time without one (docs/behaviours.md, row 28).

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


def uzum_time(value: object) -> datetime:
    """Read an Uzum time: ISO with an offset, epoch milliseconds, or epoch seconds, which are no plausible milliseconds.

    Raises:
        ValueError: neither, without an offset (Uzum declares no zone), or outside 2000 to 2099.
    """
    try:
        if isinstance(value, str):
            return within_reason(datetime.fromisoformat(value.strip().upper()))
        if isinstance(value, int) and not isinstance(value, bool):
            return within_reason(EPOCH + timedelta(milliseconds=value if value >= FIRST_MILLISECONDS else value * 1000))
    except (ValueError, TypeError, OverflowError):  # TypeError: a naive time compares with no aware one
        pass
    raise ValueError("not a time between 2000 and 2099")


def epoch_seconds(moment: datetime) -> int:
    """Give the Unix seconds of an aware time, as both marketplaces want them; milliseconds would silently find nothing.

    Raises:
        ValueError: outside 2000 to 2099.
    """
    return int(within_reason(moment).timestamp())


def within_reason(moment: datetime) -> datetime:
    """Give an aware time in UTC.

    Raises:
        ValueError: outside 2000 to 2099: milliseconds read as seconds, or another slip.
    """
    if not EARLIEST <= moment < LATEST:
        raise ValueError("outside 2000 to 2099")
    return moment.astimezone(UTC)
