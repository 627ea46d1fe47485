"""What is due: the things that will happen to a seller's orders, and the purchases still to come."""

import heapq
import math
from typing import Generic, TypeVar

from sandbox.clock import Clock
from sandbox.dice import Dice
from sandbox.options import WorldOptions

Subject = TypeVar("Subject")
DAY = 86_400


class Agenda(Generic[Subject]):
    """Things that will happen at a life time; of two at the same time the one scheduled first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: list[tuple[float, int, str, Subject]] = []
        self._scheduled = 0

    def schedule(self, life: float, verb: str, subject: Subject) -> None:
        """Let something happen."""
        self._scheduled += 1
        heapq.heappush(self._due, (life, self._scheduled, verb, subject))

    def next(self) -> float:
        """Return the wall time at which the next thing happens, infinite when there is none or lives stand still."""
        return self._clock.wall(self._due[0][0]) if self._due else math.inf

    def pop(self) -> tuple[float, str, Subject]:
        """Take the next thing: its life time, what, and to whom."""
        life, _, verb, subject = heapq.heappop(self._due)
        return life, verb, subject


class Arrivals:
    """Purchases at random times (Poisson), a function of the dice's name alone.

    Attributes:
        next: wall time of the next purchase, infinite at rate 0.
    """

    def __init__(self, name: str, mean_pieces: float, options: WorldOptions, start: float) -> None:
        self._dice = Dice(name)
        self._mean_pieces = mean_pieces
        self.set_rate(options.rate, start)

    def set_rate(self, rate: float, now: float) -> None:
        """Let `rate` orders a minute arrive from now on; a purchase is `mean_pieces` of them on average."""
        self._mean_gap = 60 * self._mean_pieces / rate if rate else math.inf
        self.next = now
        self.pass_on()

    def pass_on(self) -> float:
        """Return the time of the purchase that arrives, and cast that of the next."""
        arrived = self.next
        self.next = math.inf if math.isinf(self._mean_gap) else arrived + self._dice.wait(self._mean_gap)
        return arrived


def times_before(name: str, options: WorldOptions, start: float) -> list[float]:
    """Return the wall times, sorted, at which the orders that are open at the start were placed.

    Args:
        name: the dice's name.
        options: how many, and how old the oldest.
        start: wall time, epoch seconds.
    """
    dice = Dice(name)
    # Most open orders are young: the cube leaves a fifth of them in the older half of the days.
    ages = [options.history_days * DAY * dice.luck() ** 3 for _ in range(options.open_orders)]
    return sorted(start - age for age in ages)
