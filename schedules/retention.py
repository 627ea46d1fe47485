"""How long rows stay by the settings, and the start of their removal by hand."""

from typing import Any

from temporalio.client import Client, WorkflowHandle

from sellermind import ids
from sellermind.models.retention import AgingRows, RemovedRows, Retention
from sellermind.queues import TaskQueue
from sellermind.settings import Settings
from workflows.remove_old_rows import RemoveOldRows


def retention_of(settings: Settings) -> Retention:
    """The age limits that the settings give."""
    return Retention(
        days={
            AgingRows.SYNC_LOGS: settings.keep_sync_logs_days,
            AgingRows.ORDER_EVENTS: settings.keep_order_events_days,
            AgingRows.CLOSED_ISSUES: settings.keep_closed_issues_days,
        }
    )


async def start(client: Client, settings: Settings) -> WorkflowHandle[Any, RemovedRows]:
    """Remove old rows now, as the schedule would.

    Args:
        client: the connection to Temporal.
        settings: the age limits.

    Raises:
        WorkflowAlreadyStartedError: somebody has started it by hand, and it is still at work.
    """
    return await client.start_workflow(
        RemoveOldRows.run,
        retention_of(settings),
        id=ids.kebab(RemoveOldRows.__name__),
        task_queue=TaskQueue.LOW,
        static_summary="rows past their age",
    )
