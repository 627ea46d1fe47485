"""Record histories of ProcessGenerationTask as it runs today: `make record`.

Not collected by `make test`: its name does not begin with test_.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from temporalio.client import Client, WorkflowFailureError

from sellermind.models.generation import GenerationReport
from sellermind.temporal import DATA_CONVERTER
from tests.fixtures.generation import Shop, settings_of, working_shop
from tests.fixtures.histories import keep
from tests.fixtures.model import ModelServer
from tests.fixtures.patience import PATIENCE, until

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
async def shop(namespace: Client, model_server: ModelServer, database: Engine, tmp_path: Path) -> AsyncIterator[Shop]:
    settings = settings_of(database, model_server, tmp_path, generation_models=("gpt-4o-mini", "gpt-4o"))
    client = Client(namespace.service_client, namespace=namespace.namespace, data_converter=DATA_CONVERTER)
    async with working_shop(client, database, model_server, settings, batch=12) as shop:
        yield shop


async def process(shop: Shop, task_id: int) -> GenerationReport:
    handle = await shop.start(task_id)
    report = await asyncio.wait_for(handle.result(), PATIENCE)
    for run_id in (handle.first_execution_run_id, None):
        await keep(shop.client.get_workflow_handle(handle.id, run_id=run_id))
    return report


async def test_record_repaired_handed_over_and_failed_items(shop: Shop) -> None:
    good, repaired, handed_over, failed = (
        shop.add_products(count, name) for count, name in ((3, "Чашка"), (1, "Ваза"), (1, "Блюдо"), (1, "Ложка"))
    )
    shop.model.fault("bad-json", contains="Ваза")
    shop.model.fault("bad-json", contains="Блюдо", model="gpt-4o-mini", count=None)
    shop.model.fault("content-filter", contains="Ложка")
    report = await process(shop, shop.cards([*good, *repaired, *handed_over, *failed]))
    assert (report.succeeded, report.failed) == (5, 1)


async def test_record_a_task_that_goes_on_in_a_new_execution(shop: Shop) -> None:
    assert (await process(shop, shop.cards(shop.add_products(15)))).succeeded == 15


async def test_record_a_task_that_no_key_stops(shop: Shop) -> None:
    shop.model.fault("unauthorized", count=None)
    assert (await process(shop, shop.cards(shop.add_products(8)))).skipped == 8


async def test_record_a_cancelled_task(shop: Shop) -> None:
    shop.model.reset(latency_ms=1500)
    handle = await shop.start(shop.cards(shop.add_products(4)))
    await until(lambda: len(shop.usage()) == 4, "all four are asked for")
    await handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    await keep(handle)
