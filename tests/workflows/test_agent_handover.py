"""A worker process is killed with -9 while a run leaves its history for a new execution (continue-as-new)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from temporalio.client import WorkflowHandle

from sellermind.models.agent_records import Run
from sellermind.models.agent_runs import AgentRun, RunStatus
from sellermind.models.agents import Approval, ToolGrant
from sellermind.queues import TaskQueue
from tests.fixtures.agent_worker import worker
from tests.fixtures.agents import TEXT, Office, calling, open_office
from tests.fixtures.model import ModelServer
from tests.fixtures.patience import PATIENCE, until
from tests.fixtures.proxy import proxy_to
from tests.fixtures.temporal import short_histories
from workflows.run_agent_task_run import RunAgentTaskRun

STEPS = 5
TITLES = [f"Кружка «Утро» {n}" for n in range(1, STEPS)]
GOES_ON = b'"turn":{'
"""Only the input of the next execution holds a whole turn."""

pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


@pytest.fixture
async def office(database: Engine, start_model_server: Callable[..., ModelServer]) -> AsyncIterator[Office]:
    """A company on a server that wants a new execution after every step."""
    async with (
        short_histories(events=1) as client,
        open_office(client, database, start_model_server(), working=False) as office,
    ):
        yield office


def saving_run(office: Office) -> Run:
    """A run that saves a new description in every step but the last."""
    product = office.add_product()
    saves = [calling("save_description", product_id=product, **{**TEXT, "title": title}) for title in TITLES]
    lines = [*saves, {"text": "Готово."}]
    # By its step, as often as it is asked: an answer under way at the kill is lost.
    office.model.script(*({**line, "step": step, "count": None} for step, line in enumerate(lines)))
    grants = (ToolGrant(name="save_description", approval=Approval.NEVER),)
    return office.task("Сохрани", office.hire("writer", tools=grants))


async def start(office: Office, run: Run) -> "WorkflowHandle[RunAgentTaskRun, object]":
    """Start it with a short time-out for its workflow tasks: the lost ones are given out again soon."""
    return await office.client.start_workflow(
        RunAgentTaskRun.run,
        AgentRun(run_id=run.id),
        id=f"agent-run/{run.id}",
        task_queue=TaskQueue.LOW,
        task_timeout=timedelta(seconds=2),
    )


async def another_execution(office: Office, run: Run) -> None:
    """Wait until a new execution has taken the run over."""
    handle = office.client.get_workflow_handle(f"agent-run/{run.id}")
    first = (await handle.describe()).run_id
    async with asyncio.timeout(PATIENCE):
        while (await handle.describe()).run_id == first:
            await asyncio.sleep(0.01)


async def test_after_kill_9_at_a_new_execution_no_step_is_lost_or_taken_twice(office: Office, tmp_path: Path) -> None:
    run, target = saving_run(office), office.client.service_client.config.target_host
    handle = await start(office, run)
    with proxy_to(target) as proxy:
        proxy.hold_at(GOES_ON)
        with worker(office, proxy.address, tmp_path, "before") as process:
            await until(lambda: proxy.weather.requests_held, "the worker has decided, and Temporal has not heard of it")
            process.kill()
    with worker(office, target, tmp_path, "after") as process:
        await another_execution(office, run)
        process.kill()
    with worker(office, target, tmp_path, "last"):
        await handle.result()

    assert (office.run(run.id).status, office.run(run.id).summary) == (RunStatus.SUCCESS, "Готово.")
    assert [row.title for row in office.descriptions()] == TITLES
    said = [(message.step, message.kind) for message in office.messages(run) if message.step]
    steps = [(n, kind) for n in range(1, STEPS) for kind in ("model", "tool")]
    assert said == [*steps, (STEPS, "model")]
    answered = [row for row in office.usage() if row.outcome == "answered"]
    assert (len(answered), len({row.step_key for row in answered})) == (STEPS, STEPS)
    assert (office.budget().reserved_tokens, office.run(run.id).spent.steps) == (0, STEPS)
    executions = [each async for each in office.client.list_workflows(f'WorkflowId="agent-run/{run.id}"')]
    assert len(executions) == STEPS
