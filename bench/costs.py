"""What a synced account costs a Temporal server, and what a process costs before its first job."""

import subprocess
import sys
import time
from statistics import median

from bench import product as syncs
from bench.scene import Scene
from tests.fixtures.product import ROOT


async def cost(scene: Scene) -> dict[str, float]:
    """Events and bytes of one account's history, and billable actions: its start and its activity."""
    product = await scene.product()
    with product.worker("default", "cost", "--concurrency", str(syncs.SLOTS)):
        handles = await syncs.start(product)
        await syncs.all_through(handles)
    sizes = [(await handle.describe()).raw_description.workflow_execution_info for handle in handles]
    history = await handles[0].fetch_history()
    product.engine.dispose()
    return {
        "events": max(size.history_length for size in sizes),
        "history_bytes": max(size.history_size_bytes for size in sizes),
        "actions": 1 + sum(event.HasField("activity_task_scheduled_event_attributes") for event in history.events),
    }


async def start(scene: Scene, rounds: int = 3) -> dict[str, float]:
    """Seconds until a worker polls, and until its modules are imported; CPU of neither is bounded here."""
    product = await scene.product()
    ready, imported = [], []
    for number in range(rounds):
        began = time.monotonic()
        with product.worker("default", f"start-{number}"):
            ready.append(time.monotonic() - began)
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", "import workers.main, workers.registry"], cwd=ROOT, check=True)  # noqa: ASYNC221 - nothing else runs
        imported.append(time.monotonic() - began)
    product.engine.dispose()
    return {"polling_after_s": round(median(ready), 2), "imported_after_s": round(median(imported), 2)}
