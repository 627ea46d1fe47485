"""What the server says about a task queue: who polls it, and how much waits in it."""

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.client import Client

from sellermind.queues import TaskQueue
from sellermind.task_queues import describe_queue

KINDS = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)


async def is_polled_by(client: Client, queue: TaskQueue, identity: str) -> bool:
    """Whether the process with this identity asks for workflow tasks and for activities of the queue.

    Raises:
        RPCError: the server does not answer.
    """
    states = [await describe_queue(client, queue, kind) for kind in KINDS]
    return all(any(poller.identity == identity for poller in state.pollers) for state in states)


async def backlog(client: Client, queue: TaskQueue) -> int:
    """How many workflow tasks and activities wait for a worker.

    Raises:
        RPCError: the server does not answer.
    """
    states = [await describe_queue(client, queue, kind) for kind in KINDS]
    return sum(state.stats.approximate_backlog_count for state in states)
