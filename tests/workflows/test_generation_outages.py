"""A generation task while the database or the provider is away for longer than one activity's attempts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine
from temporalio.testing import WorkflowEnvironment

from sellermind.models.generation import TaskStatus
from sellermind.storage.engine import build_engine
from tests.fixtures.generation import Shop, settings_of, working_shop
from tests.fixtures.model import ModelServer
from tests.fixtures.product import until

pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


class Door:
    """A way to the database that can be slammed: open connections break, new ones are closed at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._pipes: set[asyncio.Task[None]] = set()
        self.is_open = True

    async def pass_through(self, client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        if not self.is_open:
            answers.close()
            return
        server, requests = await asyncio.open_connection("127.0.0.1", self._port)
        for reader, writer in ((client, requests), (server, answers)):
            pipe = asyncio.create_task(self._copy(reader, writer))
            self._pipes.add(pipe)
            pipe.add_done_callback(self._pipes.discard)

    def slam(self) -> None:
        self.is_open = False
        for pipe in list(self._pipes):
            pipe.cancel()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(65_536):
                writer.write(piece)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def door_to(engine: Engine) -> AsyncIterator[tuple[Door, Engine]]:
    """A door, and an engine that goes through it."""
    door = Door(engine.url.port or 3306)
    server = await asyncio.start_server(door.pass_through, "127.0.0.1", 0)
    url = engine.url.set(port=server.sockets[0].getsockname()[1])
    through = build_engine(url.render_as_string(hide_password=False))
    try:
        yield door, through
    finally:
        through.dispose()
        door.slam()
        server.close()


async def test_a_database_that_goes_away_fails_no_item_and_repeats_no_answer_that_was_kept(
    time_skipping: WorkflowEnvironment, database: Engine, model_server: ModelServer, tmp_path: Path
) -> None:
    model_server.reset(latency_ms=60)
    async with door_to(database) as (door, through):
        settings = settings_of(database, model_server, tmp_path)
        async with working_shop(time_skipping.client, through, model_server, settings) as at_work:
            shop = Shop(database, at_work.client, model_server, settings, at_work.queue)
            handle = await shop.start(task := shop.cards(shop.add_products(20)))
            await until(lambda: model_server.stats()["paid"] >= 6, "six items are made")
            door.slam()
            await asyncio.sleep(0.4)  # each of the time-skipping server's retries takes milliseconds of it
            door.is_open = True
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
