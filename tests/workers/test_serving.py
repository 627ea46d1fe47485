"""What ends a set of workers."""

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor

from temporalio.client import Client
from temporalio.worker import Worker

from tests.fixtures.small_jobs import Nap, nap
from workers.ending import Ending
from workers.serving import serve


async def never() -> Ending:
    await asyncio.Event().wait()
    return Ending("never")


async def soon() -> Ending:
    await asyncio.sleep(0.1)
    return Ending("soon", 7)


def worker(client: Client) -> Worker:
    return Worker(
        client,
        task_queue=f"serving-{uuid.uuid4()}",
        workflows=[Nap],
        activities=[nap],
        activity_executor=ThreadPoolExecutor(100),
    )


async def test_the_first_ending_that_comes_true_ends_all_workers(client: Client) -> None:
    workers = [worker(client), worker(client)]
    assert await serve(workers, never(), soon()) == Ending("soon", 7)
    assert all(each.is_shutdown for each in workers)


async def test_a_worker_that_fails_ends_the_others_and_is_an_error(client: Client, temporal_address: str) -> None:
    nowhere = await Client.connect(temporal_address, namespace=f"missing-{uuid.uuid4()}")
    healthy = worker(client)
    assert await serve([worker(nowhere), healthy], never()) == Ending("a worker failed", 1)
    assert healthy.is_shutdown
