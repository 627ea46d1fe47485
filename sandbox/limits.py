"""The marketplaces' rate limiters, exact to the nanosecond.

Wildberries: FBS orders, supplies and passes share one bucket a seller: 300 a minute, one per 200 ms, burst 20; a 4xx
counts as 10 requests (operation texts of the FBS specification, 2026-07-23). `/ping`: 3 in 30 s.

Uzum: two a second were observed; its headers tell of a daily quota, of which no number is public: this one is invented.
"""

from dataclasses import dataclass

SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Limit:
    """A rate: one request per `interval_ns`, `burst` of them at once after a rest."""

    interval_ns: int
    burst: int


WILDBERRIES_FBS = Limit(interval_ns=SECOND // 5, burst=20)
WILDBERRIES_PING = Limit(interval_ns=10 * SECOND, burst=3)
WILDBERRIES_COST_OF_4XX = 10
UZUM = Limit(interval_ns=SECOND // 2, burst=2)
UZUM_PER_DAY = 10_000
_DAY = 86_400


class Bucket:
    """A token bucket, kept as the time at which it would be full again (GCRA): no drift, no rounding."""

    __slots__ = ("_full_at", "limit")

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self._full_at = 0

    def take(self, now: int) -> bool:
        """Take one request; False, and nothing taken, when none is left. `now` is monotonic nanoseconds."""
        full_at = max(self._full_at, now) + self.limit.interval_ns
        if full_at - now > self.limit.burst * self.limit.interval_ns:
            return False
        self._full_at = full_at
        return True

    def charge(self, requests: int, now: int) -> None:
        """Take requests whether they are left or not: the bucket may go into debt."""
        self._full_at = max(self._full_at, now) + requests * self.limit.interval_ns

    def remaining(self, now: int) -> int:
        """Return the requests possible now without a pause."""
        missing = max(0, self._full_at - now)
        return max(0, (self.limit.burst * self.limit.interval_ns - missing) // self.limit.interval_ns)

    def retry_after(self, now: int) -> int:
        """Return the whole seconds until a request can succeed, rounded up."""
        wait = self._full_at - now - (self.limit.burst - 1) * self.limit.interval_ns
        return max(0, -(-wait // SECOND))

    def full_after(self, now: int) -> int:
        """Return the whole seconds until the burst is complete again, rounded up."""
        return max(0, -(-(self._full_at - now) // SECOND))


class Quota:
    """So many requests a day, by the marketplace's own UTC calendar."""

    __slots__ = ("_day", "_used", "per_day")

    def __init__(self, per_day: int) -> None:
        self.per_day = per_day
        self._day = 0
        self._used = 0

    def left(self, wall: float) -> int:
        """Return what is left of the day; `wall` is the marketplace's time, epoch seconds."""
        day = int(wall // _DAY)
        if day != self._day:
            self._day, self._used = day, 0
        return self.per_day - self._used

    def take(self) -> None:
        """Use one of the day that was last asked about."""
        self._used += 1
