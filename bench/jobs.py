"""Tiny jobs: a workflow with one activity that sleeps, through the product's own worker processes."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from statistics import median
from uuid import uuid4

from temporalio.client import Client
from temporalio.common import Priority

from tests.fixtures.product import ROOT, Product, wait_until
from tests.fixtures.small_jobs import Nap

Waits = dict[str, float]
NAP = 0.05
BACKLOG = 600


@contextmanager
def small_worker(product: Product, kind: str, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of the kind `high`, `default` or `low` with the tiny jobs; it is polling when the block begins."""
    ready, log = product.folder / f"{uuid4()}.ready", product.folder / f"small-{kind}.log"
    line = [sys.executable, "-m", "tests.fixtures.small_worker", kind, "--ready-file", str(ready), *options]
    with (
        log.open("ab") as output,
        subprocess.Popen(line, cwd=ROOT, env=product.environment, stdout=output, stderr=output) as process,  # noqa: S603 - a fixed line
    ):
        try:
            wait_until(lambda: ready.exists() or process.poll() is not None, f"a worker of {kind} is ready")
            assert process.poll() is None, log.read_text()
            yield process
        finally:
            process.terminate()


async def latency(product: Product, jobs: int = 100) -> Waits:
    """From start to result of a job that does nothing, one at a time, on an idle worker."""
    with small_worker(product, "high"):
        for _ in range(10):  # connections, caches
            await _run(product.client, "high", 0.0, "warm")
        waits = []
        for _ in range(jobs):
            waits.append(await _run(product.client, "high", 0.0, "idle"))
            await asyncio.sleep(0.05)
    return _spread(waits)


async def priority(product: Product, jobs: int = 20) -> Waits:
    """High jobs, 150 ms apart, behind queued low ones, with the seed's layout: a process for each."""
    with ExitStack() as stack:
        await _queue(product.client, "low", ["backlog"] * BACKLOG)
        for kind in ("high", "low"):
            stack.enter_context(small_worker(product, kind))
        running = []
        for _ in range(jobs):
            running.append(asyncio.create_task(_run(product.client, "high", 0.0, "urgent")))
            await asyncio.sleep(0.15)
        return _spread(await asyncio.gather(*running))


async def fairness(product: Product) -> Waits:
    """Ten small tenants with five jobs each, in one queue behind a tenant with 600."""
    await _queue(product.client, "low", ["large"] * BACKLOG)
    small = [f"small-{number}" for number in range(10) for _ in range(5)]
    with small_worker(product, "low"):
        return _spread(await asyncio.gather(*(_run(product.client, "low", NAP, tenant) for tenant in small)))


async def memory(product: Product, jobs: int = 10_000) -> dict[str, float]:
    """Resident memory of a worker (MiB) after a tenth of the jobs and after all."""
    with small_worker(product, "high") as worker:
        sizes = []
        for count in (jobs // 10, jobs - jobs // 10):
            for begun in range(0, count, 50):
                await asyncio.gather(
                    *(_run(product.client, "high", 0.0, "many") for _ in range(min(50, count - begun)))
                )
            sizes.append(_resident(worker.pid))
    return {"at_a_tenth_mib": sizes[0], "at_the_end_mib": sizes[1], "growth": round(sizes[1] / sizes[0] - 1, 3)}


async def _queue(client: Client, queue: str, tenants: Sequence[str]) -> None:
    for begun in range(0, len(tenants), 20):  # more at a time only make the server slower
        await asyncio.gather(*(_start(client, queue, NAP, tenant) for tenant in tenants[begun : begun + 20]))


async def _run(client: Client, queue: str, seconds: float, tenant: str) -> float:
    began = time.monotonic()
    handle = await client.start_workflow(
        Nap.run, args=["nap", seconds], id=str(uuid4()), task_queue=queue, priority=Priority(fairness_key=tenant)
    )
    await handle.result()
    return time.monotonic() - began


async def _start(client: Client, queue: str, seconds: float, tenant: str) -> None:
    await client.start_workflow(
        Nap.run, args=["nap", seconds], id=str(uuid4()), task_queue=queue, priority=Priority(fairness_key=tenant)
    )


def _spread(waits: Sequence[float]) -> Waits:
    ordered = sorted(waits)
    return {"p50_ms": round(median(ordered) * 1000, 1), "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 1)}


def _resident(pid: int) -> float:
    with open(f"/proc/{pid}/status", encoding="ascii") as status:  # noqa: PTH123 - not a file
        line = next(line for line in status if line.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)
