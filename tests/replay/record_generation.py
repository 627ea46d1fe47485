"""Record histories of ProcessGenerationTask as it runs today: `make record`. Kept apart from the scheduled jobs.

Not collected by `make test`: its name does not begin with test_.
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.worker import Worker

from schedules.apply import register_search_attributes
from schedules.generation import start
from sellermind.models.generation import GenerationReport
from sellermind.storage import schema
from sellermind.storage.engine import build_engine
from sellermind.temporal import DATA_CONVERTER
from tests.fixtures.generation import Shop, settings_of
from tests.fixtures.model import ModelServer
from tests.fixtures.product import until
from tests.replay.record import keep
from workers.registry import build
from workflows.process_generation_task import ProcessGenerationTask

NAME = ProcessGenerationTask.__name__


@pytest.fixture
async def shop(namespace: Client, model_server: ModelServer, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    engine = build_engine(sqlite_url)
    schema.upgrade(engine)
    settings = settings_of(engine, model_server, tmp_path, generation_models=("gpt-4o-mini", "gpt-4o"))
    registry = build(settings)
    client = Client(namespace.service_client, namespace=namespace.namespace, data_converter=DATA_CONVERTER)
    await register_search_attributes(client)
    with ThreadPoolExecutor(8) as threads:
        async with Worker(
            client,
            task_queue="record",
            workflows=registry.workflows,
            activities=registry.activities,
            activity_executor=threads,
        ):
            yield Shop(engine, client, model_server, settings, "record")
    registry.close()
    engine.dispose()


async def process(shop: Shop, task_id: int) -> GenerationReport:
    handle = await start(shop.client, shop.task(task_id), "record")
    report = await asyncio.wait_for(handle.result(), 60)
    keep(NAME, await handle.fetch_history())
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


async def test_record_a_task_that_no_key_stops(shop: Shop) -> None:
    shop.model.fault("unauthorized", count=None)
    assert (await process(shop, shop.cards(shop.add_products(8)))).skipped == 8


async def test_record_a_cancelled_task(shop: Shop) -> None:
    shop.model.reset(latency_ms=300)
    handle = await start(shop.client, shop.task(shop.cards(shop.add_products(12))), "record")
    await until(lambda: shop.model.stats()["paid"] >= 3, "three items are made")
    await handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    keep(NAME, await handle.fetch_history())
