"""Who runs the tiny jobs: the product's own worker processes, or plain Temporal's."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle
from temporalio.common import Priority

from tests.fixtures.product import Product
from tests.fixtures.small_jobs import Nap

QUEUE = "plain"


@dataclass(frozen=True)
class Crew:
    """Workers and starts of one contender.

    Plain Temporal is what a newcomer writes: one queue for everything, no fairness key, nothing encrypted, the SDK's
    own settings but for the number of slots.
    """

    product: Product
    plain: bool

    @property
    def client(self) -> Client:
        """Where its jobs are started."""
        client = self.product.client
        return Client(client.service_client, namespace=client.namespace) if self.plain else client

    @contextmanager
    def worker(self, kind: str) -> Iterator["subprocess.Popen[bytes]"]:
        """A process for the queue `high`, `default` or `low`; it is polling when the block begins."""
        module = "bench.plain_worker" if self.plain else "tests.fixtures.small_worker"
        with self.product.process(module, f"{kind}-{uuid4()}", kind) as process:
            yield process

    async def start(self, kind: str, seconds: float, tenant: str) -> WorkflowHandle[Any, Any]:
        """Start a job of one activity that sleeps."""
        priority = Priority() if self.plain else Priority(fairness_key=tenant)
        queue = QUEUE if self.plain else kind
        return await self.client.start_workflow(
            Nap.run, args=["nap", seconds], id=str(uuid4()), task_queue=queue, priority=priority
        )

    async def run(self, kind: str, seconds: float, tenant: str) -> float:
        """Start a job and wait for its result; how long that took."""
        began = time.monotonic()
        await (await self.start(kind, seconds, tenant)).result()
        return time.monotonic() - began
