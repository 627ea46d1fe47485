"""Plain Temporal: the floor's work as one activity a window, nothing else.

No budget, no cursor, no outbox: what a newcomer would write first.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
from sqlalchemy import Engine
from temporalio import activity
from temporalio.worker import Worker

from bench import floor
from bench.plain_workflow import PlainSync
from bench.scene import Scene
from sellermind.storage.engine import build_engine
from tests.fixtures.product import Product

QUEUE = "plain"


class Windows:
    """The one activity."""

    def __init__(self, engine: Engine, http: httpx.Client) -> None:
        self._engine = engine
        self._http = http

    @activity.defn
    def store_window(self, account_id: int, token: str, number: int) -> int:
        """Ask and store the window; gives how many orders it had."""
        return floor.sync_window(self._engine, self._http, account_id, token, number)


async def seconds(scene: Scene) -> float:
    """Sync every account once; a worker of twenty threads in this process, which is warm."""
    product = await scene.product()
    engine, accounts = build_engine(product.settings.database_url), floor.accounts_of(product)
    with httpx.Client(base_url=scene.sandbox.base_url, timeout=30) as http, ThreadPoolExecutor(floor.THREADS) as pool:
        worker = Worker(
            product.client,
            task_queue=QUEUE,
            workflows=[PlainSync],
            activities=[Windows(engine, http).store_window],
            activity_executor=pool,
            max_concurrent_activities=floor.THREADS,
        )
        async with worker:
            began = time.monotonic()
            pairs = zip(accounts, scene.cards, strict=True)
            counts = await asyncio.gather(*(_run(product, account_id, card["token"]) for account_id, card in pairs))
            took = time.monotonic() - began
    assert sum(counts) == scene.load.total
    engine.dispose()
    product.engine.dispose()
    return took


async def _run(product: Product, account_id: int, token: str) -> int:
    return await product.client.execute_workflow(
        PlainSync.run, args=[account_id, token, floor.WINDOWS], id=f"plain/{account_id}", task_queue=QUEUE
    )
