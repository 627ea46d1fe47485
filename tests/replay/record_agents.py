"""Record histories of RunAgentTaskRun as it runs today: `make record`.

Not collected by `make test`: its name does not begin with test_.
"""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Engine
from temporalio.client import Client, WorkflowFailureError

from sellermind.models.agent_records import Run
from tests.fixtures.agents import TEXT, Office, calling, open_office
from tests.fixtures.model import ModelServer
from tests.replay.record import keep
from workflows.run_agent_task_run import RunAgentTaskRun

NAME = RunAgentTaskRun.__name__
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
    keep(NAME, await handle.fetch_history())


async def test_record_a_cancelled_run(office: Office) -> None:
    run = saving(office)
    handle = await office.start(run)
    await office.waits(run)
    await handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    keep(NAME, await handle.fetch_history())


async def test_record_a_model_that_gives_way_to_the_next(office: Office) -> None:
    office.model.fault("quota", model="gpt-4o-mini", count=None)
    run = office.task("Вопрос", office.hire(models=("gpt-4o-mini", "claude-haiku-4-5")))
    handle = await office.start(run)
    await handle.result()
    keep(NAME, await handle.fetch_history())


async def test_record_a_failed_run(office: Office) -> None:
    office.model.fault("unauthorized", count=None)
    handle = await office.start(office.task("Вопрос"))
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    keep(NAME, await handle.fetch_history())
