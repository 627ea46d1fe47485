"""What differs between marketplaces in how they answer: data, so that the sender needs no ifs."""

from dataclasses import dataclass
from datetime import timedelta

from sellermind.models.limits import RatePolicy


@dataclass(frozen=True, slots=True)
class ApiRules:
    """How one marketplace limits and refuses."""

    name: str
    """As it stands in error messages."""
    rate: RatePolicy
    wait_headers: tuple[str, ...]
    """Headers of a throttled answer that say how long to wait, best first: seconds, or an HTTP date."""
    remaining_header: str
    """Header of every other answer: calls possible now without a pause."""
    throttling_statuses: frozenset[int] = frozenset({429})
    revoking_403_codes: frozenset[str] = frozenset()
    """Body codes with which a 403 means the whole account; any other 403 stops one method only."""
    gone_codes: frozenset[str] = frozenset()
    """Body codes with which a 404 means that the record in the path does not exist, rather than the path."""
    cost_header: str | None = None
    """Header of every answer: how many calls this one counted as."""
    daily_header: str | None = None
    """Header of every answer: calls left of the day's quota."""
    daily_probe: timedelta = timedelta(minutes=10)
    """How often to try when the day's quota is spent: nobody says when a marketplace's day begins.

    Long enough to end the run and leave the account to a later tick (activities/sync_run.py, LONGEST_WAIT).
    """
    deadline: timedelta = timedelta(seconds=60)
    """From sending a request to the last byte of its answer, so that a thread can always be had back."""
