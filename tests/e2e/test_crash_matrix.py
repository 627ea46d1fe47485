"""kill -9 of the worker inside the transaction of every sync. Every step: `make chaos`."""

from collections.abc import Callable

from tests.fixtures.crash import Scene, killed


async def test_a_worker_killed_inside_the_transaction_of_every_sync_loses_and_doubles_nothing(
    scene: Scene, figure: Callable[[str], None]
) -> None:
    handles, took = await killed(scene, "before the commit")
    figure(f"recovered {took:.1f} s after the kill")
    assert took < 150  # not by a time-out of minutes; 20 s on an idle machine are the bench's bar
    assert max([(await handle.describe()).history_length for handle in handles]) <= 11
    scene.tick_here()
    assert scene.wrong() == []
