"""Record histories of RunAgentTaskRun as it runs today: `make record`.

Not collected by `make test`: its name does not begin with test_.
"""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Engine
from temporalio.client import Client, WorkflowFailureError
from temporalio.testing import WorkflowEnvironment

from sellermind.models.agent_records import Run
from sellermind.models.agent_runs import CallState, RunReport, RunStatus
from sellermind.models.agents import RunBudget
from tests.fixtures.agents import TEXT, Office, calling, open_office
from tests.fixtures.histories import keep
from tests.fixtures.model import ModelServer
from tests.fixtures.temporal import short_histories

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
async def office(namespace: Client, database: Engine, model_server: ModelServer) -> AsyncIterator[Office]:
    async with open_office(namespace, database, model_server) as office:
        yield office


def saving(office: Office) -> Run:
    """A run that wants to save a description."""
    wanted = {"product_id": office.add_product(), **TEXT}
    office.model.script(calling("find_orders", "account_health"), calling("save_description", **wanted), {"text": "ok"})
    return office.task("Сохрани")


async def test_record_reads_then_an_approved_write(office: Office) -> None:
    run = saving(office)
    handle = await office.start(run)
    call = await office.waits(run)
    await office.decide(run, call)
    await handle.result()
    await keep(handle)


async def test_record_a_rejected_write_beside_an_approved_one(office: Office) -> None:
    wanted = {"product_id": office.add_product(), **TEXT}
    office.model.script(calling("save_description", "save_description", **wanted), {"text": "ok"})
    run = office.task("Сохрани")
    handle = await office.start(run)
    await office.decide(run, await office.waits(run), approve=False)
    await office.decide(run, await office.waits(run))
    await handle.result()
    await keep(handle)


async def test_record_an_approval_that_nobody_gives(
    time_skipping: WorkflowEnvironment, database: Engine, model_server: ModelServer
) -> None:
    async with open_office(time_skipping.client, database, model_server, skipping=True) as office:
        run = saving(office)
        handle = await office.start_plainly(run)
        await handle.result()
        assert office.calls(run)[-1].state is CallState.EXPIRED
        await keep(handle)


async def test_record_a_message_to_a_run_at_work_and_one_after_its_end(office: Office) -> None:
    office.model.reset(latency_ms=1000)
    run = office.task("Вопрос")
    handle = await office.start(run)
    await office.say(run, "И ещё вопрос")
    assert await handle.result() == RunReport(status=RunStatus.SUCCESS, turns=2)
    await keep(handle)
    await office.say(run, "И последний")
    await handle.result()
    await keep(handle)


async def test_record_a_turn_that_goes_on_in_new_executions(database: Engine, model_server: ModelServer) -> None:
    async with short_histories(events=40) as client, open_office(client, database, model_server) as office:
        office.model.script(*(calling("account_health") for _ in range(8)), {"text": "ok"})
        run = await office.ask("Вопрос")
        found = [each async for each in office.client.list_workflows(f'WorkflowId="agent-run/{run.id}"')]
        assert len(found) >= 3
        for one in found:
            await keep(office.client.get_workflow_handle(one.id, run_id=one.run_id))


async def test_record_a_run_whose_budget_is_used_up(office: Office) -> None:
    office.model.script(calling("account_health"), {"text": "ok"})
    handle = await office.start(office.task("Вопрос", budget=RunBudget(steps=1)))
    await handle.result()
    await keep(handle)


async def test_record_a_cancelled_run(office: Office) -> None:
    run = saving(office)
    handle = await office.start(run)
    await office.waits(run)
    await handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    await keep(handle)


async def test_record_a_model_that_gives_way_to_the_next(office: Office) -> None:
    office.model.fault("quota", model="gpt-4o-mini", count=None)
    run = office.task("Вопрос", office.hire(models=("gpt-4o-mini", "claude-haiku-4-5")))
    handle = await office.start(run)
    await handle.result()
    await keep(handle)


async def test_record_a_failed_run(office: Office) -> None:
    office.model.fault("unauthorized", count=None)
    handle = await office.start(office.task("Вопрос"))
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    await keep(handle)
