"""Plain Temporal's worker process for the tiny jobs: `python -m bench.plain_worker low --ready-file PATH`."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.worker import Worker

from tests.fixtures.small_jobs import Nap, nap

QUEUE = "plain"
SLOTS = {"high": 16, "default": 8, "low": 8}
"""Those of the product's workers."""


async def main(kind: str, ready: Path) -> None:
    """Work until SIGTERM; `ready` appears when it polls."""
    client = await Client.connect(**ClientConfig.load_client_connect_config())
    with ThreadPoolExecutor(SLOTS[kind]) as pool:
        worker = Worker(
            client,
            task_queue=QUEUE,
            workflows=[Nap],
            activities=[nap],
            activity_executor=pool,
            max_concurrent_activities=SLOTS[kind],
        )
        async with worker:
            while not worker.is_running:
                await asyncio.sleep(0.01)
            ready.touch()  # noqa: ASYNC240 - nothing else runs
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[3])))
