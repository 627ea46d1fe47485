"""Is fairness on? And do the clocks agree? The server is asked by deed: it tells its settings to nobody.

Five runs are put into a queue that nobody polls, four of one tenant and then one of another, and taken out again:
with fairness the other tenant does not come last. They are ended at once.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.taskqueue.v1 import TaskQueue as NamedQueue
from temporalio.api.workflowservice.v1 import PollWorkflowTaskQueueRequest
from temporalio.client import Client
from temporalio.common import Priority

TENANTS = ("first", "first", "first", "first", "other")
POLL = timedelta(seconds=10)
"""The server refuses polls of two seconds and less."""


@dataclass(frozen=True)
class Probe:
    """What the server did."""

    fair: bool
    skew: timedelta
    """How far the server's clock is ahead of ours; within a second nobody can tell."""


async def probe(client: Client) -> Probe:
    """Ask by deed.

    Raises:
        RPCError: the server does not answer.
    """
    queue = f"sellermind-doctor-{uuid.uuid4()}"
    before = datetime.now(UTC)
    handles = [
        await client.start_workflow(
            "Probe", id=f"{queue}/{number}", task_queue=queue, priority=Priority(fairness_key=tenant)
        )
        for number, tenant in enumerate(TENANTS)
    ]
    after = datetime.now(UTC)
    try:
        order = [await _next(client, queue) for _ in TENANTS]
        started = (await handles[0].describe()).start_time
    finally:
        for handle in handles:
            await handle.terminate(reason="sellermind doctor is done")
    last = f"{queue}/{len(TENANTS) - 1}"
    skew = min(started - before, timedelta(0)) + max(started - after, timedelta(0))
    return Probe(fair=last in order[:-1], skew=skew)


async def _next(client: Client, queue: str) -> str:
    """The workflow whose task the queue hands out next."""
    taken = await client.workflow_service.poll_workflow_task_queue(
        PollWorkflowTaskQueueRequest(
            namespace=client.namespace, task_queue=NamedQueue(name=queue), identity=client.identity
        ),
        timeout=POLL,
    )
    return taken.workflow_execution.workflow_id
