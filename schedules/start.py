"""Start one job for one account now, as its schedule would."""

from typing import Any

from temporalio.client import Client, WorkflowHandle

from sellermind.models.accounts import AccountRef
from sellermind.models.sync import SyncAccount, SyncReport
from sellermind.queues import TaskQueue
from sellermind.starts import start_options
from workflows.catalog import Job


async def start_for_account(
    client: Client, job: Job, account: AccountRef, task_queue: TaskQueue | None = None
) -> WorkflowHandle[Any, SyncReport]:
    """Start the job for the account; its workflow id is the account's lock.

    Args:
        client: the connection to Temporal.
        job: a row of the catalog.
        account: an account of the job's marketplace.
        task_queue: another queue than the job's own.

    Raises:
        WorkflowAlreadyStartedError: the job is running for this account.
    """
    return await client.start_workflow(
        job.name,
        SyncAccount(account_id=account.id),
        task_queue=task_queue or job.task_queue,
        result_type=SyncReport,
        **start_options(job.name, account, job.purpose),
    )
