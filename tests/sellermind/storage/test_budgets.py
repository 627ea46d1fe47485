import subprocess
import sys
import time
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import BigInteger, ColumnElement, Engine, bindparam, event, select

from sellermind.errors import Throttled
from sellermind.models.limits import RatePolicy
from sellermind.storage.budgets import SellerBudget
from sellermind.storage.clock import database_now
from sellermind.storage.engine import reading

SECOND = timedelta(seconds=1)
PATIENT = RatePolicy(interval=SECOND, burst=3, longest_sleep=timedelta())  # never sleeps: a long wait is Throttled


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = timedelta(days=20_000)

    def __call__(self) -> ColumnElement[int]:
        return bindparam(None, callable_=lambda: self.now // timedelta(microseconds=1), type_=BigInteger)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def budget(database: Engine, clock: Clock) -> SellerBudget:
    return SellerBudget(database, "seller", PATIENT, clock)


def _wait(budget: SellerBudget) -> timedelta:
    """How long the budget asks to wait; nothing was taken."""
    with pytest.raises(Throttled) as throttled:
        budget.take()
    return throttled.value.retry_after


def test_a_burst_goes_at_once_and_then_one_call_an_interval(budget: SellerBudget, clock: Clock) -> None:
    for _ in range(3):
        budget.take()
    assert _wait(budget) == SECOND
    clock.now += SECOND
    budget.take()
    assert _wait(budget) == SECOND


def test_a_refused_call_reserves_nothing(budget: SellerBudget) -> None:
    for _ in range(3):
        budget.take()
    assert [_wait(budget) for _ in range(5)] == [SECOND] * 5


def test_an_idle_budget_fills_up_to_its_burst_and_no_further(budget: SellerBudget, clock: Clock) -> None:
    budget.take()
    clock.now += timedelta(days=1)
    for _ in range(3):
        budget.take()
    assert _wait(budget) == SECOND


def test_the_marketplaces_own_count_is_believed_when_it_is_lower(budget: SellerBudget) -> None:
    budget.take()
    budget.learn_remaining(1)
    budget.take()
    assert _wait(budget) == SECOND


def test_the_marketplaces_own_count_never_gives_more_than_ours(budget: SellerBudget) -> None:
    for _ in range(3):
        budget.take()
    budget.learn_remaining(20)
    assert _wait(budget) == SECOND


def test_no_calls_remaining_means_an_interval_before_the_next(budget: SellerBudget, clock: Clock) -> None:
    budget.take()
    budget.learn_remaining(0)
    assert _wait(budget) == SECOND
    clock.now += SECOND
    budget.take()


def test_after_a_429_nobody_calls_before_its_time_and_then_one_by_one(budget: SellerBudget, clock: Clock) -> None:
    budget.take()
    budget.refused(timedelta(minutes=2))
    assert _wait(budget) == timedelta(minutes=2)
    clock.now += timedelta(minutes=2)
    budget.take()
    assert _wait(budget) == SECOND


def test_a_shorter_429_does_not_cut_a_longer_one(budget: SellerBudget) -> None:
    budget.take()
    budget.refused(timedelta(hours=5))
    budget.refused(SECOND)
    assert _wait(budget) == timedelta(hours=5)


@pytest.mark.parametrize(("asked", "kept"), [(timedelta(days=4000), timedelta(days=7)), (-SECOND, timedelta())])
def test_a_senseless_wait_is_brought_into_range(
    budget: SellerBudget, clock: Clock, asked: timedelta, kept: timedelta
) -> None:
    budget.take()
    budget.refused(asked)
    clock.now += kept
    budget.take()


def test_an_error_answer_costs_more_calls(budget: SellerBudget) -> None:
    budget.take()
    budget.charge(9)
    assert _wait(budget) == timedelta(seconds=8)


def test_two_sellers_do_not_share_a_budget(database: Engine, clock: Clock) -> None:
    for _ in range(3):
        SellerBudget(database, "seller", PATIENT, clock).take()
    SellerBudget(database, "another seller", PATIENT, clock).take()


def test_accounts_of_one_seller_share_a_budget(database: Engine, clock: Clock) -> None:
    for _ in range(3):
        SellerBudget(database, "seller", PATIENT, clock).take()
    assert _wait(SellerBudget(database, "seller", PATIENT, clock)) == SECOND


def test_a_short_wait_is_slept(database: Engine) -> None:
    policy = RatePolicy(interval=timedelta(milliseconds=200), burst=1)
    budget = SellerBudget(database, "seller", policy)
    started = time.monotonic()
    for _ in range(4):
        budget.take()
    assert time.monotonic() - started > 0.55


@pytest.fixture
def patience(database: Engine, clock: Clock) -> SellerBudget:
    """A budget whose next calls go one an interval, for which a worker sleeps two and a half."""
    policy = RatePolicy(interval=SECOND / 10, burst=1, longest_sleep=SECOND / 4)
    patience = SellerBudget(database, "seller", policy, clock)
    patience.take()
    return patience


def test_the_pages_of_a_run_together_sleep_no_longer_than_one_call_may(patience: SellerBudget, clock: Clock) -> None:
    for _ in range(2):
        patience.next_page()
        patience.take()
        clock.now += SECOND / 10
    with pytest.raises(Throttled) as throttled:
        patience.next_page()
    assert throttled.value.retry_after == SECOND / 10


def test_a_call_that_would_sleep_longer_than_the_pages_before_have_left_reserves_nothing(
    patience: SellerBudget, clock: Clock
) -> None:
    patience.take()
    clock.now += SECOND / 10
    patience.next_page()
    patience.charge(1)
    assert _wait(patience) == SECOND / 5


def test_the_databases_clock_tells_the_time(database: Engine) -> None:
    before = time.time()
    with reading(database) as connection:
        now = connection.execute(select(database_now())).scalar_one() / 1_000_000
    assert before - 1 < now < time.time() + 1


WIDE = RatePolicy(interval=SECOND, burst=18, longest_sleep=timedelta(), held_for=timedelta(minutes=10))


def _takes(budget: SellerBudget) -> int:
    """How many calls go now."""
    for number in range(100):
        try:
            budget.take()
        except Throttled:
            return number
    raise AssertionError("it is never throttled")


@pytest.fixture
def wide(database: Engine, clock: Clock) -> SellerBudget:
    """A budget that has plenty, of which two calls went and two are in hand."""
    wide = SellerBudget(database, "seller", WIDE, clock)
    wide.take()
    wide.take()
    return wide


def test_a_run_takes_handfuls_while_there_is_plenty_and_never_more_than_the_burst(
    database: Engine, clock: Clock
) -> None:
    updates: list[str] = []

    def note(*given: Any) -> None:
        updates.extend(part for part in given if isinstance(part, str) and part.startswith("UPDATE api_budgets"))

    event.listen(database, "before_cursor_execute", note)
    taken = _takes(SellerBudget(database, "seller", WIDE, clock))
    event.remove(database, "before_cursor_execute", note)
    assert taken == 18
    assert len(updates) == 2 + 5 + 2 + 1  # no row yet, one; five handfuls; two one by one; refused


def test_what_one_has_in_hand_nobody_else_gets(wide: SellerBudget, database: Engine, clock: Clock) -> None:
    assert _takes(SellerBudget(database, "seller", WIDE, clock)) == 14
    assert _takes(wide) == 2


def test_what_was_in_hand_for_long_is_not_used(database: Engine, clock: Clock) -> None:
    late = WIDE.model_copy(update={"held_for": timedelta()})
    assert _takes(SellerBudget(database, "seller", late, clock)) == 1 + 5 + 2  # one of each handful, in time
    assert _takes(SellerBudget(database, "seller", WIDE, clock)) == 0


def test_after_a_429_what_is_in_hand_is_not_used_either(wide: SellerBudget) -> None:
    wide.refused(timedelta(minutes=2))
    assert _wait(wide) == timedelta(minutes=2)


def test_what_is_in_hand_counts_as_left_when_the_marketplace_tells_its_count(wide: SellerBudget) -> None:
    wide.learn_remaining(18)
    assert _takes(wide) == 16
    wide.learn_remaining(0)
    assert _wait(wide) == SECOND


def test_turns_in_hand_have_their_own_moments(database: Engine) -> None:
    budget = SellerBudget(database, "seller", WIDE)
    moments = []
    for _ in range(4):
        moments.append(budget.take())
        time.sleep(0.05)
    apart = [later - earlier for earlier, later in pairwise(moments)]
    assert all(timedelta(seconds=0.04) < gap for gap in apart), apart


TAKERS = """
import os, sys, time
from datetime import timedelta
from sellermind.models.limits import RatePolicy
from sellermind.storage.budgets import SellerBudget
from sellermind.storage.engine import build_engine

def take():
    policy = RatePolicy(interval=timedelta(milliseconds=10), burst=int(sys.argv[2]))
    budget = SellerBudget(build_engine(sys.argv[1]), "seller", policy)
    moments = []
    for _ in range(15):
        budget.take()
        moments.append(time.time())
    os.write(1, "".join(f"{moment!r}\\n" for moment in moments).encode())

print(repr(time.time()), flush=True)
children = []
for _ in range(8):
    children.append(os.fork())
    if children[-1] == 0:
        try:
            take()
        finally:
            os._exit(0)
for child in children:
    os.waitpid(child, 0)
"""


@pytest.mark.parametrize("burst", [5, 18])
def test_eight_processes_together_never_go_faster_than_the_policy(database: Engine, burst: int) -> None:
    command = [sys.executable, "-c", TAKERS, database.url.render_as_string(hide_password=False), str(burst)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    started, *granted = sorted(float(line) for line in printed.split())
    assert len(granted) == 120
    for number, moment in enumerate(granted, start=1):
        assert moment - started >= (number - burst) * 0.010 - 0.001, f"call {number} went too early"
