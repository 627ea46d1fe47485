"""A generation task while the database or the provider is away for longer than one activity's attempts."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine
from temporalio.testing import WorkflowEnvironment

from sellermind.models.generation import TaskStatus
from sellermind.storage.engine import build_engine
from tests.fixtures.generation import Shop, settings_of, working_shop
from tests.fixtures.model import ModelServer
from tests.fixtures.patience import until
from tests.fixtures.proxy import CALM, Proxy, Weather, proxy_to

pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


@contextmanager
def proxied(engine: Engine) -> Iterator[tuple[Proxy, Engine]]:
    """A proxy before the database, and an engine that goes through it."""
    with proxy_to(f"127.0.0.1:{engine.url.port or 3306}") as proxy:
        through = build_engine(engine.url.set(port=proxy.port).render_as_string(hide_password=False))
        yield proxy, through
        through.dispose()


async def test_a_database_that_goes_away_fails_no_item_and_repeats_no_answer_that_was_kept(
    time_skipping: WorkflowEnvironment, database: Engine, model_server: ModelServer, tmp_path: Path
) -> None:
    model_server.reset(latency_ms=60)
    with proxied(database) as (proxy, through):
        settings = settings_of(database, model_server, tmp_path)
        async with working_shop(time_skipping.client, through, model_server, settings) as at_work:
            shop = Shop(database, at_work.client, model_server, settings, at_work.queue)
            handle = await shop.start(task := shop.cards(shop.add_products(20)))
            await until(lambda: model_server.stats()["paid"] >= 6, "six items are made")
            proxy.weather = Weather(refused=True)
            proxy.reset()
            await asyncio.sleep(0.4)  # each of the time-skipping server's retries takes milliseconds of it
            proxy.weather = CALM
            report = await handle.result()
    assert (report.status, report.succeeded, report.failed) == (TaskStatus.DONE, 20, 0)
    assert [len(item.replies) for item in shop.items(task)] == [1] * 20
    assert len(shop.descriptions()) == 20
    assert model_server.stats()["paid"] <= 25  # five answers were on their way when nobody could keep them


async def test_a_provider_that_lets_one_call_pass_at_a_time_is_waited_for_not_given_up(
    time_skipping: WorkflowEnvironment, database: Engine, model_server: ModelServer, tmp_path: Path
) -> None:
    model_server.fault("rate-limit", retry=30, count=40)
    settings = settings_of(database, model_server, tmp_path, generation_models=("gpt-4o-mini", "gpt-4o"))
    async with working_shop(time_skipping.client, database, model_server, settings) as shop:
        report = await shop.process(shop.cards(shop.add_products(2)))
    assert (report.status, model_server.stats()["paid_by_model"]) == (TaskStatus.DONE, {"gpt-4o-mini": 2})
