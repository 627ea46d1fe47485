"""`sellermind deploy`: two builds side by side on a real server, and histories against changed code."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager

from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from sellermind.models.sync import SyncAccount, SyncReport
from sellermind.queues import TaskQueue
from tests.fixtures.changed_workflows import SyncNewWildberriesOrders as Changed
from tests.fixtures.command_line import Ran, sellermind
from tests.fixtures.desk import Desk
from tests.fixtures.json_page import SHAPES, alike
from tests.fixtures.patience import PATIENCE
from tests.fixtures.versioned_jobs import Noting
from tests.fixtures.worker_process import started
from workers.pool import deployment_of
from workflows.sync_new_wildberries_orders import SyncNewWildberriesOrders

ON = {"SELLERMIND_DEPLOYMENT": "sellermind"}


def versioned(desk: Desk, commit: str) -> Desk:
    return Desk(desk.client, desk.engine, {**desk.environment, **ON, "SELLERMIND_COMMIT": commit}, desk.typist)


@asynccontextmanager
async def workers(client: Client, build: str) -> AsyncIterator[None]:
    """One of each queue."""
    async with AsyncExitStack() as stack:
        for queue in (TaskQueue.LOW, TaskQueue.HIGH):
            worker = Worker(
                client,
                task_queue=queue,
                workflows=[Noting],
                deployment_config=deployment_of("sellermind", build, queue),
                max_cached_workflows=0,  # every task is a choice of the server's
            )
            await stack.enter_async_context(worker)
        yield


async def current(desk: Desk, build: str) -> None:
    ran = await desk.type("deploy", "promote", build, "--wait", "5m")
    assert (ran.code, ran.out) == (0, f"Build {build} is current.\n")


async def test_an_agent_run_ends_in_the_build_it_began_in_and_a_sync_in_the_newest(desk: Desk) -> None:
    async def start(queue: TaskQueue, name: str) -> WorkflowHandle[object, list[str]]:
        handle: WorkflowHandle[object, list[str]] = await desk.client.start_workflow(
            "Noting", id=name, task_queue=queue, result_type=list[str]
        )
        async with asyncio.timeout(PATIENCE):
            while not await handle.query("begun", result_type=bool):
                await asyncio.sleep(0.1)
        return handle

    operator = versioned(desk, "x")
    async with workers(desk.client, "old"):
        await current(operator, "old")
        agent, sync = await start(TaskQueue.LOW, "agent"), await start(TaskQueue.HIGH, "sync")
        async with workers(desk.client, "new"):
            await current(operator, "new")
            later = await start(TaskQueue.LOW, "later")
            for handle in (agent, sync, later):
                await handle.signal("end")
            ended = await asyncio.wait_for(asyncio.gather(agent.result(), sync.result(), later.result()), PATIENCE)
            shown = (await operator.type("deploy", "status", "--json")).json
    states = {row["build"]: row["status"] for row in shown}
    assert alike(SHAPES["deploy status --json"], shown)
    assert list(ended) == [["old", "old"], ["old", "new"], ["new", "new"]]
    assert states["new"] == "current"
    assert states["old"] in {"draining", "drained"}


async def test_workers_of_a_build_that_nobody_promoted_are_shown_and_the_doctor_says_what_to_do(desk: Desk) -> None:
    operator = versioned(desk, "1a2b3c4d5e6f77")
    build = "0.1.0-1a2b3c4d5e6f"
    refused = await operator.type("deploy", "promote")
    assert (refused.code, refused.sentence) == (
        5, f"No worker of build {build} polls any queue; start its workers first.")  # fmt: skip
    off = await desk.type("deploy", "promote")
    assert (off.code, off.sentence.startswith("SELLERMIND_DEPLOYMENT is not set")) == (1, True)
    async with started("high", environment=operator.environment) as process:
        await process.said("worker ready")
        rows: list[dict[str, str]] = []
        async with asyncio.timeout(PATIENCE):
            while len(rows) < 2:
                rows = (await operator.type("workers", "status", "--json")).json
        assert {(row["version"], row["deployment"]) for row in rows} == {(build, "sellermind")}
        found = [row for row in (await operator.type("doctor", "--json")).json if row["check"] == "versions"]
        assert [(row["verdict"], row["fix"]) for row in found] == [("FAIL", f"sellermind deploy promote {build}")] * 2
        assert "gets no work" in found[0]["found"]
        assert (await operator.type("deploy", "status", "--json")).json[0]["status"] == "waiting"
        promoted = (await operator.type("deploy", "promote", "--json")).json
        assert promoted == {"deployment": "sellermind", "current": build}
        assert alike(SHAPES["deploy promote --json"], promoted)
        doctor = (await operator.type("doctor", "--json")).json
        assert [row["verdict"] for row in doctor if row["check"] == "versions"] == ["OK"]
        assert (await operator.type("deploy", "promote", "--unversioned")).code == 0


async def run_a_sync(desk: Desk, workflow: type, account_id: int) -> str:
    """Run a sync of the type to its end by the steps of `workflow`; the workflow id."""

    @activity.defn
    def pull_new_wildberries_orders(job: SyncAccount) -> SyncReport:
        assert job.account_id == account_id
        return SyncReport()

    with ThreadPoolExecutor(1) as threads:
        async with Worker(
            desk.client,
            task_queue="high",
            workflows=[workflow],
            activities=[pull_new_wildberries_orders],
            activity_executor=threads,
        ):
            handle = await desk.client.start_workflow(
                workflow.__name__,
                SyncAccount(account_id=account_id),
                id=f"sync-new-wildberries-orders/{account_id}",
                task_queue="high",
            )
            await asyncio.wait_for(handle.result(), PATIENCE)
    return handle.id


async def checked(desk: Desk, *options: str) -> Ran:
    """`deploy check` in a process of its own: what replays takes no fork of the typist's."""
    return await asyncio.to_thread(sellermind, "deploy", "check", *options, environment=desk.environment)


async def test_runs_that_this_code_would_take_another_way_are_named_before_the_deploy(desk: Desk) -> None:
    await desk.client.start_workflow("SyncUzumOrders", {"account_id": 9}, id="sync-uzum-orders/9", task_queue="low")
    await run_a_sync(desk, SyncNewWildberriesOrders, 1)
    async with asyncio.timeout(PATIENCE):
        while not (same := (await checked(desk, "--json")).json):
            await asyncio.sleep(0.2)
    assert [(one["workflow_type"], one["open"], one["problem"]) for one in same] == [
        ("SyncNewWildberriesOrders", False, None)
    ]
    assert alike(SHAPES["deploy check --json"], same)
    other = await run_a_sync(desk, Changed, 2)
    async with asyncio.timeout(PATIENCE):
        while (differs := await checked(desk)).code == 0:
            await asyncio.sleep(0.2)
    assert differs.code == 1
    assert differs.sentence.startswith(f"1 of 2 runs would break, the first SyncNewWildberriesOrders {other} (")
    assert "TMPRL1100" in differs.sentence
