"""`make chaos`: every step of the crash matrix, dead and frozen servers, and workers killed while the world moves."""

import asyncio
import os
import random
import signal
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.client import Client

from ops.demo import temporal_server
from ops.demo.temporal_server import TemporalServer
from schedules.apply import apply
from tests.fixtures.crash import MATRIX, Scene, killed, recovered, set_scene, stopped
from tests.fixtures.database import MariaDbProcess
from tests.fixtures.patience import until
from tests.fixtures.ports import free_port
from tests.fixtures.product import product_on
from tests.fixtures.sandbox import Sandbox
from tests.fixtures.stage import ONE_TICK

Figure = Callable[[str], None]


@pytest.fixture
def own_temporal(tmp_path: Path) -> Iterator[TemporalServer]:
    """A server that may be killed; it is started again on the same file and port."""
    with temporal_server.running(
        port=free_port(), ui_port=free_port(), database=tmp_path / "temporal.db", log=tmp_path / "temporal.log"
    ) as server:
        yield server


@pytest.mark.parametrize("step", MATRIX)
async def test_a_worker_killed_at_any_step_loses_and_doubles_nothing(scene: Scene, step: str, figure: Figure) -> None:
    _, took = await killed(scene, step)
    figure(f"recovered {took:.1f} s after the kill")
    assert took < 60  # no time-out of minutes is waited for; 20 s on an idle machine are the bench's bar
    scene.tick_here()
    assert scene.wrong() == []


async def test_a_worker_frozen_for_a_minute_with_another_up_holds_up_nobody(scene: Scene, figure: Figure) -> None:
    with scene.product.worker("high", "frozen") as frozen, scene.product.worker("high", "second"):
        async with scene.at("before the answer") as handles:
            with stopped(frozen.pid):
                scene.product.sandbox.clear()
                since = time.monotonic()
                took = await recovered(handles, since)
                await asyncio.sleep(max(0.0, 60 - took))
            figure(f"the other worker was through {took:.1f} s after the freeze")
            scene.move_the_world()
            scene.tick_here()
            await asyncio.sleep(5)  # the frozen one is awake again, with answers that are old by now
        assert scene.wrong() == []


async def test_temporal_killed_in_the_middle_loses_no_run(
    own_temporal: TemporalServer, mariadb_url: str, sandbox: Sandbox, tmp_path: Path, figure: Figure
) -> None:
    client, port = await Client.connect(own_temporal.address), int(own_temporal.address.rpartition(":")[2])
    with (
        product_on(mariadb_url, sandbox, client, own_temporal.address, tmp_path) as product,
        product.worker("high", "only"),
    ):
        scene = set_scene(product, own_temporal)
        async with scene.at("before the answer") as handles:
            os.kill(own_temporal.pid, signal.SIGKILL)
            scene.product.sandbox.clear()
            await until(lambda: not _is_taken(port), "the port is free")
        back = time.monotonic()
        with temporal_server.running(
            port=port, ui_port=free_port(), database=tmp_path / "temporal.db", log=tmp_path / "again.log"
        ):
            took = await recovered(handles, back)
            figure(f"all runs were through {took:.1f} s after the server came back")
            scene.tick_here()
            assert scene.wrong() == []


@pytest.mark.parametrize("frozen_seconds", [0, 25])
async def test_mariadb_killed_or_frozen_in_the_middle_loses_no_page(
    *,
    own_mariadb: MariaDbProcess,
    sandbox: Sandbox,
    namespace: Client,
    temporal_server_process: TemporalServer,
    tmp_path: Path,
    figure: Figure,
    frozen_seconds: int,
) -> None:
    url, address = own_mariadb.server.create_database(), temporal_server_process.address
    with (
        product_on(url, sandbox, namespace, address, tmp_path) as product,
        product.worker("high", "only"),
    ):
        scene = set_scene(product, temporal_server_process)
        sandbox.fault("latency", delay=0.5)
        handles = await scene.start()
        await asyncio.sleep(0.7)
        own_mariadb.freeze() if frozen_seconds else own_mariadb.kill()
        sandbox.clear()
        await asyncio.sleep(frozen_seconds or 2)
        own_mariadb.thaw() if frozen_seconds else own_mariadb.start()
        back = time.monotonic()
        took = await recovered(handles, back)
        figure(f"all runs were through {took:.1f} s after the database came back")
        scene.tick_here()
        assert scene.wrong() == []


async def test_workers_killed_again_and_again_while_the_world_moves_end_with_equal_tables(
    scene: Scene, figure: Figure
) -> None:
    dice = random.Random(time.time_ns())  # noqa: S311 (not a secret)
    await apply(scene.product.client, scene.product.settings.model_copy(update={"cadence": dict.fromkeys(ONE_TICK, 3)}))
    scene.product.sandbox.world(rate=60, speed=7200)
    kills, until_then = 0, time.monotonic() + 60
    while time.monotonic() < until_then:
        with scene.product.worker("high", "victim") as victim:
            for _ in range(3):
                scene.product.sandbox.fault(dice.choice(("server-error", "cut", "reset", "html")), after=2, count=2)
                await asyncio.sleep(dice.uniform(0.5, 3))
            victim.kill()
            kills += 1
    scene.product.sandbox.clear()
    scene.product.sandbox.world(rate=0, speed=0)
    since = datetime.now(UTC)
    with scene.product.worker("high", "last"):
        await until(lambda: scene.all_succeeded(since), "every job has succeeded once more")
    scene.tick_here()
    scene.tick_here()
    orders = sum(len(scene.product.sandbox.truth(sid)["orders"]) for sid in scene.sids.values())
    figure(f"{kills} kills in a minute, {orders} orders")
    assert scene.wrong() == []


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
