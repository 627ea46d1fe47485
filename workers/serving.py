"""Runs workers until something ends them, and lets them finish."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import structlog
from temporalio.worker import Worker

from workers.ending import ERROR, Ending

log = structlog.stdlib.get_logger("workers")


async def serve(workers: Sequence[Worker], *endings: Coroutine[Any, Any, Ending]) -> Ending:
    """Run the workers until the first ending comes true, then shut them down within their grace.

    Args:
        workers: not yet running.
        endings: each waits for its reason to end; the ones that did not come true are cancelled.

    Returns:
        The ending that came true, or one with code 1 if a worker failed.
    """
    running = [asyncio.create_task(worker.run()) for worker in workers]
    waiting = [asyncio.create_task(ending) for ending in endings]
    await asyncio.wait([*running, *waiting], return_when=asyncio.FIRST_COMPLETED)
    reached = [task for task in waiting if task.done()]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*(worker.shutdown() for worker in workers))
    outcomes = await asyncio.gather(*running, return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    for failure in failures:
        log.error("a worker failed", exc_info=failure)
    return Ending("a worker failed", ERROR) if failures else reached[0].result()
