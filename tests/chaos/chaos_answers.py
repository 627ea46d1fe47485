"""`make chaos`: marketplaces that answer badly, and rows that are locked, for some seconds of real syncs."""

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.fixtures.crash import LOCKS, Scene, recovered

LASTING = 8.0


@pytest.mark.parametrize("kind", ["server-error", "hang", "drip", "cut", "html", "gzip-lie"])
async def test_a_marketplace_that_answers_badly_for_seconds_delays_every_sync_and_loses_nothing(
    scene: Scene, kind: str, figure: Callable[[str], None]
) -> None:
    with scene.product.worker("high", "only"):
        scene.product.sandbox.fault(kind)
        handles = await scene.start()
        await asyncio.sleep(LASTING)
        scene.product.sandbox.clear()
        took = await recovered(handles, time.monotonic())
    figure(f"every sync was through {took:.1f} s after the end of: {kind}")
    scene.tick_here()
    assert scene.wrong() == []


async def test_rows_locked_for_longer_than_a_statement_may_wait_delay_every_sync(
    scene: Scene, figure: Callable[[str], None]
) -> None:
    with scene.product.worker("high", "only"):
        with scene.locked(LOCKS["before the commit"]):
            handles = await scene.start()
            await asyncio.sleep(3 * LASTING)
        took = await recovered(handles, time.monotonic())
    figure(f"every sync was through {took:.1f} s after the lock was gone")
    scene.tick_here()
    assert scene.wrong() == []
