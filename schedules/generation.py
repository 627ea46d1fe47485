"""Start the work on a generation task, and find it again."""

from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import Priority, SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError, RPCStatusCode

from sellermind import ids
from sellermind.models.generation import GenerationReport, GenerationTask, ProcessTask
from sellermind.queues import TaskQueue
from sellermind.starts import COMPANY_ID
from workflows.process_generation_task import ProcessGenerationTask


async def start(
    client: Client, task: GenerationTask, task_queue: str = TaskQueue.LOW
) -> WorkflowHandle[Any, GenerationReport]:
    """Start the work on a task; its workflow id is its lock.

    Args:
        client: the connection to Temporal.
        task: a row of `generation_tasks`.
        task_queue: another queue than low.

    Raises:
        WorkflowAlreadyStartedError: it is being worked on.
    """
    return await client.start_workflow(
        ProcessGenerationTask.run,
        ProcessTask(task_id=task.id),
        id=ids.generation_task(task.id),
        task_queue=task_queue,
        search_attributes=TypedSearchAttributes([SearchAttributePair(COMPANY_ID, task.company_id)]),
        static_summary=f"generation task {task.id} · {task.type} · company {task.company_id}",
        priority=Priority(fairness_key=str(task.company_id)),
    )


async def at_work(client: Client, task_id: int) -> WorkflowHandle[Any, GenerationReport] | None:
    """The workflow that works on a task now, None if none does."""
    handle = client.get_workflow_handle(ids.generation_task(task_id), result_type=GenerationReport)
    try:
        status = (await handle.describe()).status
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return handle if status is WorkflowExecutionStatus.RUNNING else None
