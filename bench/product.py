"""The product under the same load: a workflow for each account, worker processes that were ready before.

They are laid out as the seed has it: two for the queue `default`, with as many threads between them as the floor has.
"""

import asyncio
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from sqlalchemy import func, select
from temporalio.client import WorkflowHandle

from bench.cpu import Meter
from bench.scene import Scene
from sellermind import ids
from sellermind.models.sync import SyncAccount
from sellermind.storage.engine import reading
from sellermind.storage.tables.accounts import marketplace_accounts
from sellermind.storage.tables.orders import order_events, wb_orders
from tests.fixtures.product import Product

JOB = "ReconcileWildberriesOrders"
WORKERS = 2
SLOTS = 20
KILL_AT = (0.1, 0.3, 0.5)
LISTING = "/api/v3/orders"


Handles = Sequence[WorkflowHandle[Any, Any]]


async def sync(scene: Scene, *, warm: bool = True) -> dict[str, float]:
    """Sync every account once; from the first start to the end of the last run, by workers that did so if warm."""
    figures, _ = await _synced(scene, warm=warm)
    return figures


async def histories(scene: Scene) -> Handles:
    """The runs of such a sync."""
    _, handles = await _synced(scene, warm=False)
    return handles


async def crashed(scene: Scene) -> dict[str, float]:
    """What it costs that all workers are killed at 10, 30 and 50 % of the orders of a sync.

    Returns:
        Orders missing and rewritten, pages asked again that a clean run asks once, and the seconds from the last kill
        until every run was through, the work left included.
    """
    before = _pages_asked(scene)
    await sync(scene, warm=False)
    clean = _pages_asked(scene) - before
    product = await scene.product()
    seconds = await _through_kills(product, scene.load.total)
    stored, events = _count(product, wb_orders), _count(product, order_events)
    product.engine.dispose()
    return {
        "missing": scene.load.total - stored,
        "rewritten": events - stored,
        "pages_again": _pages_asked(scene) - before - 2 * clean,
        "recovery_s": seconds,
    }


def _pages_asked(scene: Scene) -> int:
    return sum(row["requests"] for row in scene.sandbox.stats()["paths"] if row["path"] == LISTING)


async def _synced(scene: Scene, *, warm: bool) -> tuple[dict[str, float], Handles]:
    product = await scene.product()
    with ExitStack() as stack:
        workers = _work(stack, product, "bench")
        for _ in range(2 if warm else 1):
            scene.forget(product.engine)
            meter, began = Meter(scene, [worker.pid for worker in workers]), time.monotonic()
            handles = await _start(product)
            await _all_through(handles)
            figures = {"seconds": time.monotonic() - began, **meter.seconds()}
    assert _count(product, wb_orders) == scene.load.total
    product.engine.dispose()
    return figures, handles


async def _through_kills(product: Product, orders: int) -> float:
    handles: Handles = ()
    killed = 0.0
    for number, share in enumerate((*KILL_AT, 1.0)):
        with ExitStack() as stack:
            workers = _work(stack, product, f"bench-{number}")
            handles = handles or await _start(product)
            if share == 1.0:
                await _all_through(handles)
                break
            while _count(product, wb_orders) < share * orders:
                await asyncio.sleep(0.05)
            for worker in workers:
                worker.kill()
            killed = time.monotonic()
        await asyncio.sleep(1)
    return time.monotonic() - killed


def _work(stack: ExitStack, product: Product, name: str) -> "list[subprocess.Popen[bytes]]":
    """Run the worker processes until the stack ends."""
    shares = ("--concurrency", str(SLOTS // WORKERS))
    return [stack.enter_context(product.worker("default", f"{name}-{each}", *shares)) for each in range(WORKERS)]


async def _start(product: Product) -> Handles:
    """Start the job for every account."""
    with reading(product.engine) as connection:
        accounts = list(connection.execute(select(marketplace_accounts.c.id)).scalars())
    return await asyncio.gather(
        *(
            product.client.start_workflow(
                JOB, SyncAccount(account_id=each), id=ids.account_job(JOB, each), task_queue="default"
            )
            for each in accounts
        )
    )


async def _all_through(handles: Handles) -> None:
    """Wait for the last run's end."""
    await asyncio.gather(*(handle.result() for handle in handles))


def _count(product: Product, table: Any) -> int:
    with reading(product.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())
