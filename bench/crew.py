"""Who runs the tiny jobs: the product's own worker processes, or plain Temporal's."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle
from temporalio.common import Priority

from tests.fixtures.patience import wait_until
from tests.fixtures.product import ROOT, Product
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
        ready, log = self.product.folder / f"{uuid4()}.ready", self.product.folder / f"{kind}-{self.plain}.log"
        module = "bench.plain_worker" if self.plain else "tests.fixtures.small_worker"
        line = [sys.executable, "-m", module, kind, "--ready-file", str(ready)]
        with (
            log.open("ab") as output,
            subprocess.Popen(line, cwd=ROOT, env=self.product.environment, stdout=output, stderr=output) as process,  # noqa: S603 - a fixed line
        ):
            try:
                wait_until(lambda: ready.exists() or process.poll() is not None, f"a worker of {kind} is ready")
                assert process.poll() is None, log.read_text()
                yield process
            finally:
                process.terminate()

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


def resident_mib(pid: int) -> float:
    """Resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024
