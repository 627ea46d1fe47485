"""ProcessGenerationTask on the time-skipping server, the model server and both databases."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import CancelledError
from temporalio.testing import WorkflowEnvironment

from sellermind.models.generation import (
    DescriptionsInput,
    GenerationType,
    ImagesInput,
    ProductRef,
    TaskStatus,
    WholeDescription,
)
from sellermind.models.products import Language, Shelf
from sellermind.storage import generation, product_texts, products
from sellermind.storage.engine import transaction
from tests.fixtures.generation import COMPANY, Shop, settings_of, working_shop
from tests.fixtures.model import ModelServer
from tests.fixtures.patience import until

ON_MARIADB = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


@pytest.fixture
async def shop(
    time_skipping: WorkflowEnvironment, database: Engine, model_server: ModelServer, tmp_path: Path
) -> AsyncIterator[Shop]:
    settings = settings_of(database, model_server, tmp_path)
    async with working_shop(time_skipping.client, database, model_server, settings) as shop:
        yield shop


async def test_cards_become_versions_of_the_products_texts_one_paid_call_each(shop: Shop) -> None:
    ids = shop.add_products(12)
    report = await shop.process(task := shop.cards(ids, Shelf.UZUM, Language.UZBEK))
    assert (report.status, report.total, report.succeeded, report.failed) == (TaskStatus.DONE, 12, 12, 0)
    rows = shop.descriptions()
    assert sorted(row.product_id for row in rows) == sorted(ids)
    assert {(row.marketplace, row.language, row.version) for row in rows} == {("uzum", "uz", 1)}
    assert all(len(row.title.split()) >= 3 and len(row.attributes) >= 3 for row in rows)
    stats = shop.model.stats()
    assert stats["paid"] == 12
    assert stats["most_at_once"] <= 5
    usage = shop.usage()
    assert len(usage) == 12
    assert {(row.model, row.outcome, row.company_id, row.generation_task_id) for row in usage} == {
        ("gpt-4o-mini-2024-07-18", "answered", COMPANY, task)
    }
    assert report.cost_micros == sum(row.cost_micros for row in usage) > 0
    assert (shop.task(task).progress, shop.task(task).status) == (100, TaskStatus.DONE)


async def test_a_description_gets_new_texts_and_keeps_the_rest(shop: Shop) -> None:
    (product,) = shop.add_products(1)
    old = WholeDescription(
        product_id=product,
        marketplace=Shelf.WILDBERRIES,
        language=Language.RUSSIAN,
        title="Старое название кружки",
        full_description="Старый текст.",
        bullets=["Раз", "Два"],
        attributes={"Объём": 300},
    )
    with transaction(shop.engine) as connection:
        first = product_texts.add(connection, products.find(connection, COMPANY, product_id=product), old, "the seller")
    wanted = DescriptionsInput(description_ids=(first.id,), prompt="Сделай теплее. Write in Russian.")
    report = await shop.process(shop.add_task(GenerationType.DESCRIPTIONS, wanted))
    assert report.status is TaskStatus.DONE
    before, after = shop.descriptions()
    assert (before.title, before.version, after.version) == (old.title, 1, 2)
    assert after.title != old.title
    assert (after.bullets, after.attributes) == (["Раз", "Два"], {"Объём": 300})
    assert "Сделай теплее" in shop.model.requests()[0]["body"]["messages"][1]["content"]


async def test_pictures_are_stored_at_once_with_their_hash(shop: Shop) -> None:
    shop.model.reset(image_seconds=30)
    ids = shop.add_products(3)
    wanted = ImagesInput(products=tuple(ProductRef(id=one) for one in ids), quality="high")
    report = await shop.process(shop.add_task(GenerationType.IMAGES, wanted))
    assert (report.status, report.cost_micros) == (TaskStatus.DONE, 3 * 80_000)
    rows = shop.images()
    assert sorted(row.product_id for row in rows) == sorted(ids)
    for row in rows:
        content = (shop.settings.media_folder / row.file_path).read_bytes()
        assert (row.sha256, row.company_id) == (sha256(content).hexdigest(), COMPANY)
    usage = shop.usage()
    assert [(row.model, row.images_generated, row.cost_micros) for row in usage] == [("dall-e-3", 1, 80_000)] * 3


async def test_a_retry_pays_only_for_what_is_missing(shop: Shop) -> None:
    good, bad = shop.add_products(3, "Кружка"), shop.add_products(2, "Чашка")
    shop.model.fault("bad-json", contains="Чашка", count=None)
    report = await shop.process(task := shop.cards([*good, *bad]))
    assert (report.status, report.succeeded, report.failed) == (TaskStatus.PARTIAL, 3, 2)
    failed = [item for item in shop.items(task) if item.state == "failed"]
    assert [item.error_code for item in failed] == ["LlmInvalidOutput"] * 2
    assert all(item.replies[-1]["text"].startswith("Here you are") for item in failed)
    assert "2 items: LlmInvalidOutput" in (shop.task(task).error_message or "")
    paid = shop.model.stats()["paid"]
    shop.model.clear()
    with transaction(shop.engine) as connection:
        assert generation.reopen(connection, task) == 2
    report = await shop.process(task)
    assert (report.status, report.succeeded, shop.model.stats()["paid"] - paid) == (TaskStatus.DONE, 5, 2)
    assert len(shop.descriptions()) == 5


# On the dev server: the time-skipping one refuses the cancellation of an activity that ends at the same moment
# (ACTIVITY_UNKNOWN), and with it the workflow task.
@ON_MARIADB
async def test_a_cancelled_task_keeps_what_is_done_and_pays_for_nothing_more(
    client: Client, database: Engine, model_server: ModelServer, tmp_path: Path
) -> None:
    model_server.reset(latency_ms=200)
    async with working_shop(client, database, model_server, settings_of(database, model_server, tmp_path)) as shop:
        handle = await shop.start(task := shop.cards(shop.add_products(30)))
        await until(lambda: model_server.stats()["paid"] >= 7, "7 items are made")
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as caught:
            await handle.result()
        assert isinstance(caught.value.cause, CancelledError)
        paid, done = model_server.stats()["paid"], shop.task(task)
        assert done.status is TaskStatus.CANCELLED
        assert done.succeeded == paid == len(shop.descriptions()) < 30
        await asyncio.sleep(0.5)
        assert model_server.stats()["paid"] == paid
        model_server.reset()
        with transaction(database) as connection:
            assert generation.reopen(connection, task) == 30 - paid
        report = await shop.process(task)
        assert (report.status, model_server.stats()["paid"]) == (TaskStatus.DONE, 30 - paid)


@ON_MARIADB
async def test_a_task_cancelled_while_it_waits_is_not_worked_on(shop: Shop) -> None:
    task = shop.cards(shop.add_products(1))
    with transaction(shop.engine) as connection:
        assert generation.cancel_waiting(connection, task)
    with pytest.raises(WorkflowFailureError):
        await shop.process(task)
    assert (shop.model.stats()["calls"], shop.task(task).status) == (0, TaskStatus.CANCELLED)


@ON_MARIADB
async def test_a_long_task_continues_as_new_batch_by_batch(
    time_skipping: WorkflowEnvironment, database: Engine, model_server: ModelServer, tmp_path: Path
) -> None:
    settings = settings_of(database, model_server, tmp_path)
    async with working_shop(time_skipping.client, database, model_server, settings, batch=4) as shop:
        handle = await shop.start(task := shop.cards(shop.add_products(11)))
        report = await handle.result()
    assert (report.status, report.succeeded, model_server.stats()["paid"]) == (TaskStatus.DONE, 11, 11)
    first = time_skipping.client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
    last = time_skipping.client.get_workflow_handle(handle.id)
    assert (await last.describe()).run_id != (await first.describe()).run_id
    assert shop.task(task).progress == 100
