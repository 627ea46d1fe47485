"""ProcessGenerationTask on the time-skipping server, the model server and both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from temporalio.testing import WorkflowEnvironment

from sellermind.models.generation import (
    Shelf,
    TaskStatus,
)
from tests.fixtures.generation import COMPANY, Shop, settings_of, working_shop
from tests.fixtures.model import ModelServer


@pytest.fixture
async def shop(
    time_skipping: WorkflowEnvironment, database: Engine, model_server: ModelServer, tmp_path: Path
) -> AsyncIterator[Shop]:
    async with working_shop(
        time_skipping.client, database, model_server, settings_of(database, model_server, tmp_path)
    ) as shop:
        yield shop


async def test_cards_become_versions_of_the_products_texts_one_paid_call_each(shop: Shop) -> None:
    products = shop.add_products(12)
    report = await shop.process(task := shop.cards(products, Shelf.UZUM, "uz"))
    assert (report.status, report.total, report.succeeded, report.failed) == (TaskStatus.DONE, 12, 12, 0)
    rows = shop.descriptions()
    assert sorted(row.product_id for row in rows) == sorted(products)
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
