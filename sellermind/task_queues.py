"""What the server says about a task queue."""

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue as NamedQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, DescribeTaskQueueResponse
from temporalio.client import Client

from sellermind.queues import TaskQueue


async def describe_queue(client: Client, queue: TaskQueue, kind: TaskQueueType.ValueType) -> DescribeTaskQueueResponse:
    """One kind of tasks of a queue: who polls for them, how many wait, how many are handed out.

    Raises:
        RPCError: the server does not answer.
    """
    return await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=NamedQueue(name=queue),
            task_queue_type=kind,
            report_stats=True,
            report_pollers=True,
            report_config=True,
        )
    )
