"""The activity that starts jobs."""

import asyncio

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError

from sellermind.models.accounts import AccountRef
from sellermind.models.sync import StartJobs, SyncAccount
from sellermind.starts import start_options


class StartActivities:
    """Steps that start workflows."""

    # Asynchronous, unlike all others: it talks to nothing but Temporal, whose client is.
    @activity.defn
    async def start_account_jobs(self, ask: StartJobs) -> int:
        """Start a job for each account, on the queue this runs on; how many were not running already.

        Tried again after half of it was done, it finds those jobs running and leaves them alone.
        """
        client, queue = activity.client(), activity.info().task_queue
        return sum(await asyncio.gather(*(_start(client, queue, ask, account) for account in ask.accounts)))


async def _start(client: Client, queue: str, ask: StartJobs, account: AccountRef) -> bool:
    """Start one account's job; False if it is running: its workflow id is the account's lock."""
    try:
        await client.start_workflow(
            ask.job,
            SyncAccount(account_id=account.id),
            task_queue=queue,
            **start_options(ask.job, account, ask.purpose),
        )
    except WorkflowAlreadyStartedError:
        return False
    return True
