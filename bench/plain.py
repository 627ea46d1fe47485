"""Plain Temporal: the floor's work as one activity a page, nothing else.

No budget, no cursor, no outbox: what a newcomer would write first.
"""

import asyncio
import logging
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from sqlalchemy import Engine
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.worker import Worker

from bench import floor
from bench.cpu import Meter
from bench.plain_workflow import PlainSync
from bench.scene import Scene
from tests.fixtures.product import Product

QUEUE = "plain"
Handles = Sequence[WorkflowHandle[Any, int]]


class Pages:
    """The one activity."""

    def __init__(self, engine: Engine, http: httpx.Client) -> None:
        self._engine = engine
        self._http = http

    @activity.defn
    def store_page(self, account_id: int, token: str, number: int, cursor: int) -> tuple[int, int | None]:
        """Ask and store the page; how many orders it had, and the next page's cursor."""
        return floor.sync_page(self._engine, self._http, floor.Seller(account_id, token), number, cursor)


async def sync(scene: Scene, *, warm: bool = True) -> dict[str, float]:
    """Sync every account once; a worker of twenty threads in this process, which has done so before if it is warm."""
    figures, _ = await _synced(scene, warm=warm)
    return figures


async def histories(scene: Scene) -> Handles:
    """The runs of such a sync."""
    _, handles = await _synced(scene, warm=False)
    return handles


async def _synced(scene: Scene, *, warm: bool) -> tuple[dict[str, float], Handles]:
    logging.getLogger("temporalio.activity").setLevel(logging.ERROR)  # each 429 would be a warning of thirty lines
    product = await scene.product()
    accounts = floor.accounts_of(product)
    with httpx.Client(base_url=scene.sandbox.base_url, timeout=30) as http, ThreadPoolExecutor(floor.THREADS) as pool:
        worker = Worker(
            product.client,
            task_queue=QUEUE,
            workflows=[PlainSync],
            activities=[Pages(product.engine, http).store_page],
            activity_executor=pool,
            max_concurrent_activities=floor.THREADS,
        )
        async with worker:
            for _ in range(2 if warm else 1):
                scene.forget(product.engine)
                meter, began = Meter(scene, [os.getpid()]), time.monotonic()
                pairs = zip(accounts, scene.cards, strict=True)
                handles = await asyncio.gather(
                    *(_start(product, account_id, card["token"]) for account_id, card in pairs)
                )
                counts = await asyncio.gather(*(handle.result() for handle in handles))
                figures = {"seconds": time.monotonic() - began, **meter.seconds()}
                assert sum(counts) == scene.load.total
    product.engine.dispose()
    return figures, handles


async def _start(product: Product, account_id: int, token: str) -> WorkflowHandle[Any, int]:
    return await product.client.start_workflow(
        PlainSync.run, args=[account_id, token, floor.WINDOWS], id=f"plain/{account_id}", task_queue=QUEUE
    )
