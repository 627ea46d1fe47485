"""The end of a queue's pause, set beforehand."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from sellermind import ids
from sellermind.models.queues import PausedQueue
from sellermind.queues import TaskQueue
from workflows.resume_queue import ResumeQueue


async def resume_in(client: Client, queue: TaskQueue, mark: str, after: timedelta) -> None:
    """Let the queue be resumed after a while, by whichever worker polls it then; an earlier plan is replaced.

    Args:
        client: the connection to Temporal.
        queue: the paused queue.
        mark: whose pause it is.
        after: how long the pause is to last.

    Raises:
        RPCError: Temporal does not answer.
    """
    await client.start_workflow(
        ResumeQueue.run,
        PausedQueue(queue=queue, mark=mark),
        id=ids.resume_queue(queue),
        task_queue=queue,
        start_delay=after,
        id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
        static_summary=f"resume queue {queue}",
    )


async def forget(client: Client, queue: TaskQueue) -> None:
    """Drop the plan, if there is one: somebody has resumed the queue, or paused it until further notice."""
    try:
        await client.get_workflow_handle(ids.resume_queue(queue)).terminate(reason="the pause was changed")
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
