"""kill -9 of the worker while every sync is at the same step: issue 3, point 10. All steps: `make chaos`."""

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.fixtures.crash import Scene, recovered, stopped


@pytest.mark.parametrize("step", ["before the commit", "before completion"])
async def test_a_worker_killed_at_this_step_of_every_sync_loses_and_doubles_nothing(
    scene: Scene, step: str, figure: Callable[[str], None]
) -> None:
    with scene.product.worker("high", "first") as first:
        async with scene.at(step) as handles:
            first.kill()
            first.wait()
        killed = time.monotonic()
        with scene.product.worker("high", "second"):
            took = await recovered(handles, killed)
    figure(f"recovered {took:.1f} s after the kill")
    assert took < 20
    assert max([(await handle.describe()).history_length for handle in handles]) <= 11
    scene.tick_here()
    assert scene.wrong() == []


async def test_a_frozen_worker_holds_up_nobody_and_does_no_harm_when_it_wakes(
    scene: Scene, figure: Callable[[str], None]
) -> None:
    with scene.product.worker("high", "frozen") as frozen:
        async with scene.at("before the answer") as handles:
            with stopped(frozen.pid):
                scene.product.sandbox.clear()
                since = time.monotonic()
                with scene.product.worker("high", "second"):
                    took = await recovered(handles, since)
        figure(f"another worker was through {took:.1f} s after the freeze")
        assert took < 60  # tasks that the server hands to the polls a frozen process left open are lost one by one
        scene.move_the_world()
        scene.tick_here()
        assert scene.wrong() == []
        await asyncio.sleep(3)  # the frozen one is awake again, with answers that are old by now
    assert scene.wrong() == []
