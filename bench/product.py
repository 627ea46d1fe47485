"""The product under the same load: a workflow for each account, worker processes that were ready before.

They are laid out as the seed has it: two for the queue `default`, with as many threads between them as the floor has.
"""

import asyncio
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from temporalio.client import WorkflowHandle

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


@dataclass(frozen=True)
class Crashes:
    """What three kill -9 of all workers cost."""

    missing: int
    rewritten: int
    requests_again: int
    recovery_seconds: float
    """From the last kill until every run is through, the work left included."""


async def seconds(scene: Scene) -> float:
    """Sync every account once; from the first start to the end of the last run."""
    product = await scene.product()
    with ExitStack() as stack:
        _work(stack, product, "bench")
        began = time.monotonic()
        await all_through(await start(product))
        took = time.monotonic() - began
    assert _count(product, wb_orders) == scene.load.total
    product.engine.dispose()
    return took


async def crashes(scene: Scene, requests_of_a_clean_run: int) -> Crashes:
    """Sync every account while all workers are killed at 10, 30 and 50 % of the orders."""
    product = await scene.product()
    before = scene.sandbox.stats()["requests"]
    handles: Sequence[WorkflowHandle[Any, Any]] = ()
    killed = 0.0
    for number, share in enumerate((*KILL_AT, 1.0)):
        with ExitStack() as stack:
            workers = _work(stack, product, f"bench-{number}")
            handles = handles or await start(product)
            if share == 1.0:
                await all_through(handles)
                break
            while _count(product, wb_orders) < share * scene.load.total:
                await asyncio.sleep(0.05)
            for worker in workers:
                worker.kill()
            killed = time.monotonic()
        await asyncio.sleep(1)
    took = time.monotonic() - killed
    stored, events = _count(product, wb_orders), _count(product, order_events)
    product.engine.dispose()
    return Crashes(
        missing=scene.load.total - stored,
        rewritten=events - stored,
        requests_again=scene.sandbox.stats()["requests"] - before - requests_of_a_clean_run,
        recovery_seconds=round(took, 1),
    )


def _work(stack: ExitStack, product: Product, name: str) -> "list[subprocess.Popen[bytes]]":
    """Run the worker processes until the stack ends."""
    shares = ("--concurrency", str(SLOTS // WORKERS))
    return [stack.enter_context(product.worker("default", f"{name}-{each}", *shares)) for each in range(WORKERS)]


async def start(product: Product) -> Sequence[WorkflowHandle[Any, Any]]:
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


async def all_through(handles: Sequence[WorkflowHandle[Any, Any]]) -> None:
    """Wait for the last run's end."""
    await asyncio.gather(*(handle.result() for handle in handles))


def _count(product: Product, table: Any) -> int:
    with reading(product.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())
