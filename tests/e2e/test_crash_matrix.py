"""kill -9 of the worker inside the transaction of every sync: issue 3, point 10. Every step: `make chaos`."""

import time
from collections.abc import Callable

from tests.fixtures.crash import Scene, recovered


async def test_a_worker_killed_inside_the_transaction_of_every_sync_loses_and_doubles_nothing(
    scene: Scene, figure: Callable[[str], None]
) -> None:
    with scene.product.worker("high", "first") as first:
        async with scene.at("before the commit") as handles:
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
