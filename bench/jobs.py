"""Tiny jobs: a workflow with one activity that sleeps, through real worker processes."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median

from bench.crew import Crew
from tests.fixtures.proc import resident_mb

Waits = dict[str, float]
NAP = 0.05
BACKLOG = 600
AT_A_TIME = 20
"""Starts; more at a time only make the server slower."""


async def latency(mine: Crew, jobs: int = 100) -> Waits:
    """From start to result of a job that does nothing, one at a time, on an idle worker."""
    with mine.worker("high"):
        for _ in range(10):  # connections, caches
            await mine.run("high", 0.0, "warm")
        waits = []
        for _ in range(jobs):
            waits.append(await mine.run("high", 0.0, "idle"))
            await asyncio.sleep(0.05)
    return _spread(waits)


async def throughput(mine: Crew, jobs: int = 400) -> dict[str, float]:
    """Jobs that do nothing, a second, from the first start to the last result."""
    with mine.worker("high"):
        began = time.monotonic()
        await _many(mine, jobs)
        return {"jobs_a_second": jobs / (time.monotonic() - began)}


async def priority(mine: Crew, jobs: int = 20) -> Waits:
    """High jobs, 150 ms apart, behind queued low ones, with the seed's layout: a process for each."""
    with ExitStack() as stack:
        await _queue(mine, ["backlog"] * BACKLOG)
        for kind in ("high", "low"):
            stack.enter_context(mine.worker(kind))
        running = []
        for _ in range(jobs):
            running.append(asyncio.create_task(mine.run("high", 0.0, "urgent")))
            await asyncio.sleep(0.15)
        return _spread(await asyncio.gather(*running))


async def fairness(mine: Crew) -> Waits:
    """Ten small tenants with five jobs each, in one queue behind a tenant with 600."""
    await _queue(mine, ["large"] * BACKLOG)
    small = [f"small-{number}" for number in range(10) for _ in range(5)]
    with mine.worker("low"):
        return _spread(await asyncio.gather(*(mine.run("low", NAP, tenant) for tenant in small)))


async def memory(mine: Crew, jobs: int = 10_000) -> dict[str, float]:
    """Resident memory of a worker (MiB) after a tenth of the jobs and after all."""
    with mine.worker("high") as worker:
        sizes = []
        for count in (jobs // 10, jobs - jobs // 10):
            await _many(mine, count)
            sizes.append(resident_mb(worker.pid))
    return {"at_1000_mib": sizes[0], "at_the_end_mib": sizes[1], "growth": sizes[1] / sizes[0] - 1}


async def _many(mine: Crew, jobs: int) -> None:
    gate = asyncio.Semaphore(AT_A_TIME)

    async def one() -> None:
        async with gate:
            await mine.run("high", 0.0, "many")

    await asyncio.gather(*(one() for _ in range(jobs)))


async def _queue(mine: Crew, tenants: Sequence[str]) -> None:
    for begun in range(0, len(tenants), AT_A_TIME):
        await asyncio.gather(*(mine.start("low", NAP, tenant) for tenant in tenants[begun : begun + AT_A_TIME]))


def _spread(waits: Sequence[float]) -> Waits:
    ordered = sorted(waits)
    return {"p50_ms": median(ordered) * 1000, "p99_ms": ordered[int(len(ordered) * 0.99)] * 1000}
