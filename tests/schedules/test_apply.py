"""`schedules apply`: the server's schedules equal the catalog, whatever they were before."""

import asyncio
from dataclasses import asdict
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from schedules.apply import OWNER, SEARCH_ATTRIBUTES, Applied, apply
from sellermind.settings import Settings
from tests.fixtures.patience import PATIENCE
from workflows.catalog import SCHEDULED

NAMES = sorted(job.name for job in SCHEDULED)
SETTINGS = Settings(_env_file=None)


def outcome(applied: Applied) -> dict[str, list[str]]:
    return {what: sorted(names) for what, names in asdict(applied).items() if names}


async def put_schedule(client: Client, name: str, memo: dict[str, str] | None) -> None:
    await client.create_schedule(
        name,
        Schedule(
            action=ScheduleActionStartWorkflow("Gone", id=name, task_queue="high"),
            spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(days=1))]),
        ),
        memo=memo,
    )


async def listed(client: Client) -> set[str]:
    return {schedule.id async for schedule in await client.list_schedules()}


async def until_listed(client: Client, names: set[str]) -> None:
    async with asyncio.timeout(PATIENCE):
        while await listed(client) != names:
            await asyncio.sleep(0.1)


async def test_every_job_gets_its_schedule_and_a_second_time_changes_nothing(namespace: Client) -> None:
    assert outcome(await apply(namespace, SETTINGS)) == {"created": NAMES}
    assert outcome(await apply(namespace, SETTINGS)) == {"unchanged": NAMES}
    schedule = (await namespace.get_schedule_handle("SyncNewWildberriesOrders").describe()).schedule
    assert schedule.spec.intervals == [ScheduleIntervalSpec(every=timedelta(minutes=1))]
    assert schedule.policy.overlap is ScheduleOverlapPolicy.SKIP
    assert schedule.policy.catchup_window == timedelta(minutes=1)
    assert isinstance(schedule.action, ScheduleActionStartWorkflow)
    assert (schedule.action.workflow, schedule.action.task_queue) == ("SyncAllAccounts", "high")


async def test_another_cadence_is_applied_and_an_operators_pause_stays(namespace: Client) -> None:
    await apply(namespace, SETTINGS)
    handle = namespace.get_schedule_handle("SyncNewWildberriesOrders")
    await handle.pause(note="Wildberries is down")
    faster = Settings(_env_file=None, cadence={"SyncNewWildberriesOrders": 5})
    assert outcome(await apply(namespace, faster))["updated"] == ["SyncNewWildberriesOrders"]
    schedule = (await handle.describe()).schedule
    assert schedule.spec.intervals == [ScheduleIntervalSpec(every=timedelta(seconds=5))]
    assert (schedule.state.paused, schedule.state.note) == (True, "Wildberries is down")


async def test_a_job_that_left_the_catalog_loses_its_schedule_and_strangers_keep_theirs(namespace: Client) -> None:
    await put_schedule(namespace, "SyncOzonOrders", OWNER)
    await put_schedule(namespace, "their-report", None)
    await until_listed(namespace, {"SyncOzonOrders", "their-report"})
    assert (await apply(namespace, SETTINGS)).removed == ["SyncOzonOrders"]
    await until_listed(namespace, {*NAMES, "their-report"})


async def test_a_cadence_changed_by_hand_is_put_right(namespace: Client) -> None:
    await apply(namespace, SETTINGS)

    def every_day(found: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule = found.description.schedule
        schedule.spec = ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(days=1))])
        return ScheduleUpdate(schedule=schedule)

    await namespace.get_schedule_handle("SyncNewWildberriesOrders").update(every_day)
    assert (await apply(namespace, SETTINGS)).updated == ["SyncNewWildberriesOrders"]


async def test_a_schedule_that_somebody_else_made_under_our_name_is_put_right(namespace: Client) -> None:
    await put_schedule(namespace, "SyncNewWildberriesOrders", None)
    assert (await apply(namespace, SETTINGS)).updated == ["SyncNewWildberriesOrders"]
    schedule = (await namespace.get_schedule_handle("SyncNewWildberriesOrders").describe()).schedule
    assert isinstance(schedule.action, ScheduleActionStartWorkflow)
    assert schedule.action.workflow == "SyncAllAccounts"


async def test_two_at_once_end_in_the_same_state(namespace: Client) -> None:
    await asyncio.gather(apply(namespace, SETTINGS), apply(namespace, SETTINGS))
    assert outcome(await apply(namespace, SETTINGS)) == {"unchanged": NAMES}


async def test_the_search_attributes_are_registered(namespace: Client) -> None:
    await apply(namespace, SETTINGS)
    found = await namespace.count_workflows(" AND ".join(f"{name} IS NOT NULL" for name in SEARCH_ATTRIBUTES))
    assert found.count == 0
