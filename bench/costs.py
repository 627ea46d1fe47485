"""What a synced account costs a Temporal server, and what a process costs before its first job."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from temporalio.client import WorkflowHandle

from bench import plain, product
from bench.crew import Crew
from bench.scene import Scene
from tests.fixtures.proc import resident_mb
from tests.fixtures.product import ROOT

SETTLED = 2.0
"""Seconds after which an idle worker's memory counts."""


async def product_cost(scene: Scene) -> dict[str, float]:
    """Events and bytes of one account's history, and billable actions, in the product."""
    return await _cost(await product.histories(scene))


async def plain_cost(scene: Scene) -> dict[str, float]:
    """The same with an activity a page."""
    return await _cost(await plain.histories(scene))


async def product_start(scene: Scene) -> dict[str, float]:
    """Seconds until a worker polls, and until its modules are imported; memory (MiB) when it is idle."""
    product = await scene.product()
    began = time.monotonic()
    with product.worker("default", "start") as process:
        return await _started(process.pid, time.monotonic() - began, "workers.main, workers.registry")


async def plain_start(scene: Scene) -> dict[str, float]:
    """The same of a worker that has the tiny job only."""
    crew = Crew(await scene.product(), plain=True)
    began = time.monotonic()
    with crew.worker("default") as process:
        return await _started(process.pid, time.monotonic() - began, "bench.plain_worker")


async def _started(pid: int, polling_s: float, modules: str) -> dict[str, float]:
    await asyncio.sleep(SETTLED)
    resident, began = resident_mb(pid), time.monotonic()
    subprocess.run([sys.executable, "-c", f"import {modules}"], cwd=ROOT, check=True)  # noqa: ASYNC221, S603 - nothing else runs, a fixed line
    return {"polling_s": polling_s, "imported_s": time.monotonic() - began, "idle_mib": resident}


async def _cost(handles: Sequence[WorkflowHandle[Any, Any]]) -> dict[str, float]:
    """Of the dearest account; an action is the start of a workflow or of an activity."""
    sizes = [(await handle.describe()).raw_description.workflow_execution_info for handle in handles]
    history = await handles[0].fetch_history()
    return {
        "events": max(size.history_length for size in sizes),
        "history_bytes": max(size.history_size_bytes for size in sizes),
        "actions": 1 + sum(event.HasField("activity_task_scheduled_event_attributes") for event in history.events),
    }
