"""`down`, `up`, `queue pause`, `queue resume`, `queue clear` on a real server with real schedules and limits."""

import asyncio

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.workflowservice.v1 import UpdateTaskQueueConfigRequest
from temporalio.client import Client

from ops.audit import who
from schedules.apply import apply
from sellermind.queue_limits import Limit, read
from sellermind.queues import TaskQueue
from sellermind.settings import Settings
from tests.fixtures.command_line import sellermind
from tests.fixtures.desk import Desk
from tests.fixtures.patience import PATIENCE
from workflows.catalog import SCHEDULED

JOB = "SyncNewWildberriesOrders"


async def limit(client: Client, queue: str, rps: float, reason: str) -> None:
    """As `temporal task-queue config set` does it."""
    request = UpdateTaskQueueConfigRequest(
        namespace=client.namespace, task_queue=queue, task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
    )
    request.update_queue_rate_limit.rate_limit.requests_per_second = rps
    request.update_queue_rate_limit.reason = reason
    await client.workflow_service.update_task_queue_config(request)


async def everything(client: Client) -> dict[str, object]:
    """What `down` may touch: pauses and notes of the schedules, limits and reasons of the queues."""
    states = [(await client.get_schedule_handle(job.name).describe()).schedule.state for job in SCHEDULED]
    pairs = zip(SCHEDULED, states, strict=True)
    found: dict[str, object] = {job.name: (state.paused, state.note) for job, state in pairs}
    return found | {queue.value: await read(client, queue) for queue in TaskQueue}


async def test_up_brings_back_exactly_what_was_there_however_often_down_ran(desk: Desk) -> None:
    await apply(desk.client, Settings(_env_file=None))
    await desk.type("schedules", "pause", "SyncUzumOrders", "--reason", "their | before: {maintenance: x}")
    await limit(desk.client, "high", 5, "contract")
    await desk.type("queue", "pause", "low", "--reason", "the model server is full")
    before = await everything(desk.client)
    downs = await asyncio.gather(
        *(
            asyncio.to_thread(sellermind, "down", "--reason", "deploy | now", environment=desk.environment)
            for _ in range(2)
        )
    )
    assert [done.code for done in downs] == [0, 0], downs
    again = await desk.type("down", "--json")
    assert again.json == {"was_down": True, "paused": [], "running": 0}
    down = await everything(desk.client)
    assert not [job.name for job in SCHEDULED if not str(down[job.name]).startswith("(True,")]
    assert all(value.rps == 0 for value in down.values() if isinstance(value, Limit))
    for refused in (
        ("dispatch", JOB, "--account", str(desk.add_account())),
        ("queue", "retry", "all"),
        ("queue", "resume", "high"),
        ("schedules", "trigger", "--all"),
        ("schedules", "resume", "--all"),
    ):
        ran = await desk.type(*refused)
        assert (ran.code, "run `sellermind up` first" in ran.sentence) == (5, True), ran
    assert f"maintenance: deploy / now ({who()})\n" in (await desk.type("schedules", "list")).out
    doctor = (await desk.type("doctor", "--json")).json
    assert {row["fix"] for row in doctor if row["check"] in {"maintenance", "queue"}} == {"sellermind up"}
    up = await desk.type("up", "--json")
    assert up.code == 0, up
    assert set(up.json["restored"]) == {job.name for job in SCHEDULED} - {"SyncUzumOrders"} | {"high", "default", "low"}
    assert await everything(desk.client) == before
    assert (await desk.type("up")).out == "It was not down.\n"
    assert (await desk.type("queue", "resume", "low", "--json")).json == {"resumed": ["low"]}
    assert (await read(desk.client, TaskQueue.LOW)).rps is None


async def test_a_paused_queue_starts_no_step_until_it_is_resumed(working: Desk) -> None:
    assert (await working.type("queue", "pause", "high", "--reason", "slow down")).out == "Paused: high.\n"
    assert (await working.type("queue", "pause", "high")).out == "Paused already.\n"
    run = await working.start("held/1")
    high = (await working.type("queue", "stats", "--json")).json["queues"][0]
    assert (high["paused"], high["pause_reason"], high["rps_limit"]) == (True, f"slow down ({who()})", 0)
    assert f"paused: slow down ({who()})" in (await working.type("queue", "stats")).out
    await asyncio.sleep(0.5)
    assert await working.status("held/1") == "RUNNING"
    assert (await working.type("queue", "resume", "high")).out == "Resumed: high.\n"
    assert await asyncio.wait_for(run.result(), PATIENCE) == "done"


async def test_a_pause_for_a_while_ends_by_itself_with_the_limit_that_was_there(working: Desk) -> None:
    await limit(working.client, "high", 5, "contract")
    paused = await working.type("queue", "pause", "high", "--for", "1s")
    assert paused.out == "Paused: high. It ends by itself in 1 s.\n"
    await working.client.get_workflow_handle("resume-queue/high").result()
    assert await read(working.client, TaskQueue.HIGH) == Limit(5, "contract")
    await working.type("queue", "pause", "high", "--for", "1h")
    await working.type("queue", "resume", "high")
    assert await working.status("resume-queue/high") == "TERMINATED"


async def test_a_pause_for_a_while_that_ends_while_the_service_is_down_is_over_after_up(working: Desk) -> None:
    await limit(working.client, "high", 5, "contract")
    await working.type("queue", "pause", "high", "--for", "2s")
    await working.type("down", "--reason", "deploy")
    await working.client.get_workflow_handle("resume-queue/high").result()
    down = await read(working.client, TaskQueue.HIGH)
    assert (down.rps, down.mark) == (0, "maintenance")
    await working.type("up")
    assert await read(working.client, TaskQueue.HIGH) == Limit(5, "contract")


async def test_clear_ends_what_has_not_begun_and_asks_first(working: Desk) -> None:
    await working.start("begun/1", patient=True)
    await working.type("queue", "pause", "high")
    await working.start("waiting/1")
    await working.start("waiting/2")
    await working.start("elsewhere/1", queue="low")
    assert (await working.type("queue", "clear", "high")).code == 5
    dry = await working.type("queue", "clear", "redis:high", "--dry-run", "--json")
    assert dry.json == {"queue": "high", "not_started": 2, "running": 0, "cleared": 0, "begun_meanwhile": 0}
    assert (await working.type("queue", "clear", "high", "--yes")).out == "Cleared 2 runs of high.\n"
    assert [await working.status(f"waiting/{number}") for number in (1, 2)] == ["TERMINATED", "TERMINATED"]
    assert await working.status("elsewhere/1") == "RUNNING"
