"""Syncs that Wildberries' own rate limit bounds: how near the bucket's floor they come, and how often they hear 429."""

from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial

from bench import plain, product
from bench.scene import Scene
from sandbox.limits import SECOND, WILDBERRIES_FBS


async def product_sync(scene: Scene) -> dict[str, float]:
    """The product."""
    return await _held(scene, partial(product.sync, warm=False))


async def plain_sync(scene: Scene) -> dict[str, float]:
    """Plain Temporal, which learns of the limit by its 429."""
    return await _held(scene, partial(plain.sync, warm=False))


async def _held(scene: Scene, sync: Callable[[Scene], Awaitable[dict[str, float]]]) -> dict[str, float]:
    """Run a sync and hold its time against what the bucket needs for the calls that were answered."""
    scene.refill()
    before = _calls(scene)
    figures = await sync(scene)
    calls = _calls(scene) - before
    throttled = sum(count for (_, refused), count in calls.items() if refused)
    most = max(count for (_, refused), count in calls.items() if not refused)
    bucket = (most - WILDBERRIES_FBS.burst) * WILDBERRIES_FBS.interval_ns / SECOND
    return figures | {
        "bucket_s": bucket,
        "of_the_bucket": bucket / figures["seconds"],
        "throttled_share": throttled / calls.total(),
    }


def _calls(scene: Scene) -> Counter[tuple[str, bool]]:
    """Answers by seller and whether they were a 429."""
    calls: Counter[tuple[str, bool]] = Counter()
    for row in scene.sandbox.stats()["paths"]:
        calls[row["seller"], True] += row["throttled"]
        calls[row["seller"], False] += row["requests"] - row["throttled"]
    return calls
