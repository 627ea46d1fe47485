"""Is fairness on? And do the clocks agree? The server is asked by deed: it tells its settings to nobody.

Five runs are put into a queue that nobody polls, four of one tenant and then one of another, and taken out again:
with fairness the other tenant does not come last. They complete at once: a person who looks at the Web UI finds no ends
there that look like an accident.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.api.command.v1 import Command, CompleteWorkflowExecutionCommandAttributes
from temporalio.api.enums.v1 import CommandType
from temporalio.api.taskqueue.v1 import TaskQueue as NamedQueue
from temporalio.api.workflowservice.v1 import PollWorkflowTaskQueueRequest, RespondWorkflowTaskCompletedRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.common import Priority

TENANTS = ("first", "first", "first", "first", "other")
POLL = timedelta(seconds=10)
"""The server refuses polls of two seconds and less."""
LONGEST = timedelta(minutes=2)
"""A probe whose doctor was killed is gone after that."""
END = Command(
    command_type=CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
    complete_workflow_execution_command_attributes=CompleteWorkflowExecutionCommandAttributes(),
)


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
    handles = [await _start(client, queue, number, tenant) for number, tenant in enumerate(TENANTS)]
    after = datetime.now(UTC)
    order: list[str] = []
    try:
        while len(order) < len(TENANTS):
            order.append(await _end_next(client, queue))
        started = (await handles[0].describe()).start_time
    finally:
        for handle in handles:
            if handle.id not in order:
                await handle.terminate(reason="sellermind doctor is done")
    last = f"{queue}/{len(TENANTS) - 1}"
    skew = min(started - before, timedelta(0)) + max(started - after, timedelta(0))
    return Probe(fair=last in order[:-1], skew=skew)


async def _start(client: Client, queue: str, number: int, tenant: str) -> WorkflowHandle[Any, Any]:
    return await client.start_workflow(
        "Probe",
        id=f"{queue}/{number}",
        task_queue=queue,
        priority=Priority(fairness_key=tenant),
        execution_timeout=LONGEST,
    )


async def _end_next(client: Client, queue: str) -> str:
    """Complete the workflow whose task the queue hands out next; which one it is."""
    taken = await client.workflow_service.poll_workflow_task_queue(
        PollWorkflowTaskQueueRequest(
            namespace=client.namespace, task_queue=NamedQueue(name=queue), identity=client.identity
        ),
        timeout=POLL,
    )
    await client.workflow_service.respond_workflow_task_completed(
        RespondWorkflowTaskCompletedRequest(
            namespace=client.namespace, task_token=taken.task_token, identity=client.identity, commands=[END]
        )
    )
    return taken.workflow_execution.workflow_id
