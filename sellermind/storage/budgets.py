"""A seller's rate budget, shared by all jobs and worker processes through one row of `api_budgets`.

The generic cell rate algorithm: `tat` is when the budget will be full again. A call may go when
max(tat, now) + interval - burst * interval <= now, and pushes `tat` on by one interval.

A run that goes on asking takes its turns by the handful while the budget has plenty: a third of the statements.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Engine,
    Select,
    Update,
    bindparam,
    case,
    select,
    update,
)

from sellermind import metrics
from sellermind.errors import Throttled
from sellermind.models.limits import RatePolicy
from sellermind.storage.clock import EPOCH, MICROSECOND, database_now
from sellermind.storage.engine import transaction
from sellermind.storage.tables.syncs import api_budgets
from sellermind.storage.upsert import upsert

LONGEST_WAIT = timedelta(days=7)  # no marketplace means more; a wilder figure is a fault in its header

CLEARLY_MORE = 2  # an interval may pass between our count and the marketplace's

HANDFULS = 6
"""A handful is this part of a burst. Calls that are kept in hand while the budget fills up again may come on top of a
whole burst: two at Wildberries, which allows two more than our policy does."""

_budget = api_budgets.c


@dataclass(frozen=True, slots=True)
class _Turn:
    """When a call may go: how far away that is, its moment by the database's clock, and whether it was taken."""

    wait: timedelta
    at: datetime
    taken: bool


@dataclass(slots=True)
class _Hand:
    """Turns that were taken and not used yet."""

    calls: int
    at: datetime
    """The database's clock when they were taken."""
    since: float
    """The same by this process's monotonic clock, which goes as fast."""
    held_for: timedelta

    def turn(self) -> _Turn | None:
        """The next one; none if they are used, or too old."""
        age = timedelta(seconds=time.monotonic() - self.since)
        if not self.calls or age > self.held_for:
            return None
        self.calls -= 1
        return _Turn(timedelta(), self.at + age, taken=True)


@dataclass(frozen=True, slots=True)
class _Statements:
    """`take` moves `tat` on if the turn is soon; `ahead` tells how far away the turn is, and the time."""

    take: Update
    ahead: Select[int, int]


class SellerBudget:
    """Asks before every call of one seller whether it may go now."""

    def __init__(
        self,
        engine: Engine,
        key: str,
        policy: RatePolicy,
        now: Callable[[], ColumnElement[int]] = database_now,
    ) -> None:
        """Bind a budget to its row; the row is made by the first call.

        Args:
            engine: the database that all workers share.
            key: the seller: the `sid` claim of a Wildberries token, a hash of an Uzum token.
            policy: how fast this seller may ask.
            now: the clock, as SQL that tells the microseconds since 1970 whenever it is run.
        """
        self._engine = engine
        self._key = key
        self._policy = policy
        self._now = now
        self._interval = policy.interval // MICROSECOND
        self._capacity = policy.burst * self._interval
        self._handful = max(policy.burst // HANDFULS, 1)
        self._hand: _Hand | None = None
        self._left: int | None = None
        self._slept = timedelta()
        self._slept_for_page = timedelta()

    def take(self) -> datetime:
        """Wait for this call's turn, if that is soon.

        Returns:
            The moment of the turn by the database's clock: all workers' calls stand in one order by it, whatever
            their own clocks say. It has passed when this returns.

        Raises:
            Throttled: the turn is further away than the policy lets a worker sleep, less what it slept for earlier
                pages; nothing was reserved.
        """
        turn = self._hand.turn() if self._hand else None
        turn = turn or self._reserve()
        metrics.observe_rate_wait(turn.wait)
        if not turn.taken:
            raise Throttled("The seller's rate budget is spent.", retry_after=turn.wait)
        if turn.wait:
            time.sleep(turn.wait / timedelta(seconds=1))
            self._slept_for_page += turn.wait
        return turn.at

    def next_page(self) -> None:
        """Say that a page is stored, and the next one is to come: all pages together may sleep for what one call may.

        Raises:
            Throttled: the next page would sleep longer, if it is like the last one; the worker's slot is for others.
        """
        lately, self._slept_for_page = self._slept_for_page, timedelta()
        self._slept += lately
        if self._slept + lately > self._policy.longest_sleep:
            raise Throttled("The run has slept long enough for its seller's rate.", retry_after=self._policy.interval)

    def learn_remaining(self, calls: int) -> None:
        """Believe the marketplace when it leaves fewer calls than we counted (X-Ratelimit-Remaining).

        One that leaves clearly more than were left at our call has nothing to teach, and costs no statement.
        """
        in_hand = self._hand.calls if self._hand else 0
        if self._left is not None and calls >= self._left + in_hand + CLEARLY_MORE:
            return
        left = min(max(calls, 0), self._policy.burst)
        self._push(_later(_budget.tat, self._now() + (self._capacity - left * self._interval)))

    def refused(self, wait: timedelta) -> None:
        """After a 429: no call of this seller goes before `wait` is over, then one per interval."""
        emptied = _clamp(wait) // MICROSECOND + self._capacity - self._interval
        self._push(_later(_budget.tat, self._now() + emptied))

    def charge(self, calls: int) -> None:
        """Count `calls` more: an error answer costs the seller more than the one call that was taken for it."""
        self._push(_later(_budget.tat, self._now()) + calls * self._interval)

    def _push(self, tat: ColumnElement[int]) -> None:
        self._hand = None
        with transaction(self._engine) as connection:
            connection.execute(self._update(tat))

    def _reserve(self) -> _Turn:
        """Take the next turn, if it is soon; a handful, if a run goes on and nobody has to wait for them."""
        longest_sleep = (self._policy.longest_sleep - self._slept) // MICROSECOND
        plenty, self._hand = self._left is not None and self._left >= self._handful, None
        with transaction(self._engine) as connection:
            calls = self._handful if plenty and self._move(connection, self._handful, 0) else 0
            calls = calls or int(self._move(connection, 1, longest_sleep))
            to_turn = -self._capacity if calls else self._interval - self._capacity
            ahead = _statements(self._now).ahead
            found = connection.execute(ahead, {"key": self._key, "to_turn": to_turn}).one_or_none()
        if found is None:
            self._create_row()
            return self._reserve()
        until_turn, now = found
        self._left = max(-until_turn, 0) // self._interval
        wait = _clamp(until_turn * MICROSECOND)
        if not calls and wait <= longest_sleep * MICROSECOND:  # made, or come near, between the two statements
            return self._reserve()
        at = EPOCH + now * MICROSECOND + wait
        if calls > 1:
            self._hand = _Hand(calls - 1, at, time.monotonic(), self._policy.held_for)
        return _Turn(wait, at, calls > 0)

    def _move(self, connection: Connection, calls: int, longest_sleep: int) -> bool:
        """Take as many turns, if the last of them is no further away than `longest_sleep` (microseconds)."""
        interval = calls * self._interval
        figures = {"key": self._key, "interval": interval, "ahead": interval - self._capacity}
        take = _statements(self._now).take
        return connection.execute(take, figures | {"longest_sleep": longest_sleep}).rowcount == 1

    def _create_row(self) -> None:
        """In a transaction of its own: an insert and an update of one row in one transaction invite deadlocks."""
        with transaction(self._engine) as connection:
            upsert(connection, api_budgets, [{"budget_key": self._key, "tat": 0}], key=("budget_key",), owned=())

    def _update(self, tat: ColumnElement[int]) -> Update:
        return update(api_budgets).where(_budget.budget_key == self._key).values(tat=tat)


@lru_cache
def _statements(now: Callable[[], ColumnElement[int]]) -> _Statements:
    """Made once for a clock: to build them costs as much as to run them."""
    interval: BindParameter[int] = bindparam("interval", type_=BigInteger)
    mine = _budget.budget_key == bindparam("key")
    soon = _later(_budget.tat, now()) + bindparam("ahead", type_=BigInteger) <= now() + bindparam(
        "longest_sleep", type_=BigInteger
    )
    return _Statements(
        take=update(api_budgets).where(mine, soon).values(tat=_later(_budget.tat, now()) + interval),
        ahead=select(_budget.tat + bindparam("to_turn", type_=BigInteger) - now(), database_now()).where(mine),
    )


def _later(one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[int]:
    return case((one > other, one), else_=other)


def _clamp(wait: timedelta) -> timedelta:
    return min(max(wait, timedelta()), LONGEST_WAIT)
