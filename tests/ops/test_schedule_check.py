"""`schedules check` and `schedules backfill` on a real server."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update
from temporalio.client import (
    ScheduleActionStartWorkflow,
    ScheduleOverlapPolicy,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from schedules.apply import apply
from sellermind.models.sync import OpenRun, SyncProgress
from sellermind.settings import Settings
from sellermind.storage import cursors
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.syncs import sync_cursors
from tests.fixtures.desk import Desk
from tests.fixtures.patience import PATIENCE

JOB = "SyncNewWildberriesOrders"
WINDOWED = "ReconcileWildberriesOrders"


async def rows(desk: Desk, code: int) -> dict[str, dict[str, object]]:
    ran = await desk.type("schedules", "check", "--json")
    assert ran.code == code, ran
    return {row["job"]: row for row in ran.json}


async def test_check_tells_what_is_missing_changed_and_paused(desk: Desk) -> None:
    missing = await rows(desk, 1)
    assert {row["status"] for row in missing.values()} == {"ALERT"}
    await apply(desk.client, Settings(_env_file=None))
    assert {row["status"] for row in (await rows(desk, 0)).values()} == {"OK"}
    await desk.type("schedules", "pause", JOB, "--reason", "their maintenance")
    paused = (await rows(desk, 0))[JOB]
    assert paused["status"] == "PAUSED"
    assert str(paused["problems"]).startswith("['paused: their maintenance (")

    def faster(now: ScheduleUpdateInput) -> ScheduleUpdate:
        now.description.schedule.spec.intervals[0].every = timedelta(seconds=7)
        return ScheduleUpdate(schedule=now.description.schedule)

    await desk.client.get_schedule_handle("SyncUzumOrders").update(faster)
    changed = (await rows(desk, 1))["SyncUzumOrders"]
    assert changed["problems"] == ["differs from the catalog: run `sellermind schedules apply`"]


async def test_ticks_that_nobody_works_on_are_reported_as_skipped(desk: Desk) -> None:
    desk.environment["SELLERMIND_CADENCE"] = f'{{"{JOB}": 1}}'
    await apply(desk.client, Settings(_env_file=None, cadence={JOB: 1}))
    row: dict[str, Any] = {"status": "OK"}
    async with asyncio.timeout(PATIENCE):
        while row["status"] == "OK" or not row["skipped"]:
            await asyncio.sleep(1)
            row = (await desk.type("schedules", "check", "--json")).json[0]
    (problem,) = row["problems"]
    assert "the tick before is still at work: does anybody poll its queue?" in problem
    assert [
        (one["verdict"], one["fix"])
        for one in (await desk.type("doctor", "--json")).json
        if one["check"] == "schedules"
    ] == [("WARN", "too few workers? sellermind workers plan")]
    await desk.client.get_schedule_handle(JOB).pause()


async def test_a_resume_is_dated_so_that_the_ticks_of_its_pause_are_not_called_missed(desk: Desk) -> None:
    await apply(desk.client, Settings(_env_file=None))
    await desk.type("schedules", "pause", JOB)
    paused_until = datetime.now(UTC)
    await desk.type("schedules", "resume", JOB)
    found = await desk.client.get_schedule_handle(JOB).describe()
    assert not found.schedule.state.paused
    assert (found.schedule.state.note or "").startswith("resumed by ")
    assert found.info.last_updated_at
    assert found.info.last_updated_at > paused_until


async def test_a_pause_that_ended_in_the_web_ui_is_no_missed_tick(desk: Desk) -> None:
    desk.environment["SELLERMIND_CADENCE"] = f'{{"{JOB}": 3}}'  # a busy server cannot make one a second
    await apply(desk.client, Settings(_env_file=None, cadence={JOB: 3}))
    handle = desk.client.get_schedule_handle(JOB)

    def short(now: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule = now.description.schedule  # ticks that nobody works on must not keep the next one from being made
        assert isinstance(schedule.action, ScheduleActionStartWorkflow)
        schedule.action.execution_timeout = timedelta(seconds=1)
        schedule.policy.overlap = ScheduleOverlapPolicy.ALLOW_ALL
        return ScheduleUpdate(schedule=schedule)

    async def ticked(since: datetime) -> None:
        async with asyncio.timeout(PATIENCE):
            while [tick.scheduled_at > since for tick in (await handle.describe()).info.recent_actions].count(True) < 2:
                await asyncio.sleep(0.5)

    async def planned() -> None:  # a busy server may be behind by seconds, and is rightly called late meanwhile
        async with asyncio.timeout(PATIENCE):
            while (await handle.describe()).info.next_action_times[0] <= datetime.now(UTC):
                await asyncio.sleep(0.1)

    async def problems() -> str:
        return str((await desk.type("schedules", "check", "--json")).json[0]["problems"])

    await handle.update(short)
    await ticked(datetime.now(UTC))
    await handle.pause()
    await asyncio.sleep(16)  # three ticks and the grace are 14
    await handle.unpause(note="as the Web UI does it")
    await planned()
    assert "no tick for" not in await problems()
    await ticked(datetime.now(UTC))
    told = await problems()
    await handle.pause()
    found = (await handle.describe()).info
    assert (found.num_actions_skipped_overlap, found.num_actions_missed_catchup_window) == (0, 0)
    assert "missed" not in told


async def test_a_backfill_lets_the_next_run_see_the_time_since_anew(desk: Desk) -> None:
    account, now = desk.add_account(), datetime.now(UTC).replace(microsecond=0)
    with transaction(desk.engine) as connection:
        cursors.open_run(connection, account, WINDOWED, "run", now)
        cursors.finish(connection, OpenRun(account_id=account, job=WINDOWED, run_id="run"), SyncProgress(), now)
        connection.execute(update(sync_cursors).values(watermark=now))
    dry = await desk.type("schedules", "backfill", WINDOWED, "--since", "14d", "--dry-run", "--json")
    assert dry.json == {"would_read": [account]}
    done = await desk.type("schedules", "backfill", WINDOWED, "--since", "14d", "--account", str(account), "--json")
    assert done.json == {"started": [account], "running": []}
    with reading(desk.engine) as connection:
        seen = cursors.watermark(connection, account, WINDOWED)
    assert seen
    assert abs(now - timedelta(days=14) - seen) < timedelta(minutes=1)
    assert await desk.status(f"reconcile-wildberries-orders/{account}") == "RUNNING"
    again = await desk.type("schedules", "backfill", WINDOWED, "--since", "14d")
    assert "at work already, repeat it later" in again.out
    whole = await desk.type("schedules", "backfill", JOB, "--since", "14d")
    assert (whole.code, "schedules trigger" in whole.sentence) == (5, True)
