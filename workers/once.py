"""`--once`: one job, then stop."""

import asyncio
from contextlib import suppress
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from sellermind.queues import TaskQueue
from workers.ending import Ending, Signals
from workers.jobs import Jobs
from workers.options import QUEUES
from workers.pool import Pool
from workers.serving import serve

WAIT = 3.0
"""Seconds to wait for a job in each queue."""

FOLLOW = 10.0
"""Seconds in which the workflow may take note of the job's result."""

CHECK = 0.1
NOTHING = Ending("no job came")


async def take_one(pool: Pool, kind: TaskQueue, signals: Signals) -> Ending:
    """Take one job from the first queue that has one, and let its workflow take note of the result.

    A run whose only step it was is then finished; of a longer run, the next step waits for the next worker.
    """
    for queue in QUEUES[kind]:
        jobs = Jobs(limit=1)
        ending = await serve([pool.worker(queue, 1, jobs)], signals.asked(), _one(jobs))
        if jobs.newest:
            follow = _noted(pool.client, jobs.newest)
            await serve([pool.workflow_worker(queue)], signals.asked(), follow)
        if ending is not NOTHING:
            return ending
    return NOTHING


async def _one(jobs: Jobs) -> Ending:
    with suppress(TimeoutError):
        async with asyncio.timeout(WAIT):
            await jobs.changed.wait()
    if not jobs.newest:
        return NOTHING
    await jobs.changed.wait()
    return Ending(f"one job done: {jobs.newest.activity_type} of {jobs.newest.workflow_id}")


async def _noted(client: Client, job: activity.Info) -> Ending:
    """Wait until the job's run has no workflow task left: it has ended, or scheduled its next step."""
    noted = Ending("the workflow took note")
    if not job.workflow_id:
        return noted
    run = client.get_workflow_handle(job.workflow_id, run_id=job.workflow_run_id)
    with suppress(TimeoutError, RPCError):
        async with asyncio.timeout(FOLLOW):
            while await _has_workflow_task(run):  # noqa: ASYNC110 (the server must be asked)
                await asyncio.sleep(CHECK)
    return noted


async def _has_workflow_task(run: WorkflowHandle[Any, Any]) -> bool:
    return (await run.describe()).raw_description.HasField("pending_workflow_task")
