"""How fast a marketplace may be asked: data, one object per marketplace."""

from datetime import timedelta

from sellermind.models.payload import Payload


class RatePolicy(Payload):
    """A token bucket: `burst` calls at once, then one per `interval`; a 4xx answer costs `cost_of_4xx` calls."""

    interval: timedelta
    burst: int
    cost_of_4xx: int = 1
    default_wait: timedelta = timedelta(seconds=5)
    """Wait after a 429 that does not say how long."""
    longest_sleep: timedelta = timedelta(seconds=5)
    """A longer wait gives the worker's slot back (Throttled)."""
    held_for: timedelta = timedelta(seconds=1)
    """Calls that were taken by the handful and are not made by then were taken for nothing."""


# Documented: 300 a minute, one per 200 ms, burst 20, shared by FBS orders, supplies and passes of a seller; every 4xx
# weighs 10. A little less than allowed, so that jitter on the way never makes the marketplace count one too many.
WILDBERRIES = RatePolicy(interval=timedelta(milliseconds=205), burst=18, cost_of_4xx=10)

# Declared nowhere; two a second were observed, and the headers of every answer correct us.
UZUM = RatePolicy(interval=timedelta(milliseconds=520), burst=2)
