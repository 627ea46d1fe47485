"""`workers status` and `workers plan`, with a real worker process that freezes."""

import asyncio
import signal
from datetime import datetime

import pytest

from ops.fleet.plan import Need, verdict
from ops.queues.queue_states import QueueState
from tests.fixtures.desk import Desk
from tests.fixtures.patience import PATIENCE
from tests.fixtures.worker_process import started


async def test_a_frozen_worker_is_shown_as_silent_and_its_run_as_stuck(desk: Desk) -> None:
    assert (await desk.type("workers", "status")).out == "No workers: start `python -m workers.high`.\n"
    async with started("high", "--concurrency", "3", environment=desk.environment) as process:
        pid = str((await process.said("worker ready"))["pid"])
        async with asyncio.timeout(PATIENCE):
            while len(rows := (await desk.type("workers", "status", "--json")).json) < 2:
                await asyncio.sleep(0.5)
        high = next(row for row in rows if row["queue"] == "high")
        assert (high["pid"], high["status"], high["slots_used"], high["slots"]) == (pid, "running", 0, 3)
        assert datetime.fromisoformat(high["started_at"]).tzinfo
        process.signal(signal.SIGSTOP)
        async with asyncio.timeout(PATIENCE):
            while "running" in {row["status"] for row in (await desk.type("workers", "status", "--json")).json}:
                await asyncio.sleep(1)
        page = (await desk.type("workers", "status")).out
        assert page.count("silent") == 2
        doctor = (await desk.type("doctor", "--json")).json
        assert any(pid in row["found"] and "is silent" in row["found"] for row in doctor)
        await desk.start("stuck/frozen")
        async with asyncio.timeout(PATIENCE):
            while "answers" not in (row := (await _stuck(desk)).get("stuck/frozen", {})).get("reason", ""):
                assert "its workflow code fails" not in row.get("reason", "")
                await asyncio.sleep(1)
        assert row["reason"] == "no worker of queue high answers: see the silent ones in `workers status`"
        process.signal(signal.SIGCONT)


async def _stuck(desk: Desk) -> dict[str, dict[str, str]]:
    rows = (await desk.type("queue", "stuck", "--older", "1s", "--json")).json
    return {row["workflow_id"]: row for row in rows}


async def test_the_seed_s_formula_and_the_last_hour(working: Desk) -> None:
    given = await working.type("workers", "plan", "--per-hour", "300", "--avg", "15", "--json")
    assert given.json == {"per_hour": 300, "average_seconds": 15, "exact": 1.25, "workers": 2}
    for number in (1, 2):
        await (await working.start(f"planned/{number}")).result()
    measured = {row["queue"]: row for row in (await working.type("workers", "plan", "--json")).json}
    assert (measured["high"]["per_hour"], measured["low"]["verdict"]) == (2, "not used")
    half = await working.type("workers", "plan", "--avg", "15")
    assert (half.code, half.sentence.startswith("--per-hour and --avg go together.")) == (2, True)


@pytest.mark.parametrize(
    ("workers", "slots", "per_hour", "said"),
    [
        (0, 0, 5.0, "nobody polls it: start `python -m workers.high`"),
        (1, 2, 3600.0, "too few: 8 more slots"),
        (1, 16, 60.0, "enough"),
        (4, 64, 60.0, "more than enough: 1 worker would do"),
    ],
)
def test_a_plan_says_what_is_too_few_and_too_many(workers: int, slots: int, per_hour: float, said: str) -> None:
    state = QueueState(
        queue="high",
        workflow_backlog=0,
        activity_backlog=0,
        oldest_seconds=0,
        add_rate=0,
        dispatch_rate=0,
        workers=workers,
        slots_used=0,
        slots=slots,
        paused=False,
        rps_limit=None,
    )
    assert verdict(state, Need(per_hour, 10)) == said
