"""One retry of a workflow id at a time.

The server takes every reset that it is sent, whatever its request id (seen with 1.32), and ends the run that the
reset before it began. What it does refuse is a second open run of a workflow id: so the lock is a run that nobody
works on.
"""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

NOBODYS_QUEUE = "retry-locks"
LONGEST = timedelta(seconds=30)
"""A holder that was killed holds it no longer than this."""


@contextlib.asynccontextmanager
async def alone(client: Client, workflow_id: str) -> AsyncIterator[None]:
    """Wait until nobody else retries the workflow id, and keep others waiting meanwhile.

    Args:
        client: the connection to Temporal.
        workflow_id: of what is to be retried.

    Raises:
        RPCError: Temporal does not answer.
    """
    lock = await _taken(client, f"retry-lock/{workflow_id}")
    try:
        yield
    finally:
        try:
            await lock.terminate(reason="the retry is done")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # it has run out
                raise


async def _taken(client: Client, lock_id: str) -> WorkflowHandle[object, object]:
    while True:
        try:
            return await client.start_workflow(
                "RetryLock",
                id=lock_id,
                task_queue=NOBODYS_QUEUE,
                execution_timeout=LONGEST,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            )
        except WorkflowAlreadyStartedError:
            with contextlib.suppress(WorkflowFailureError):  # it ends by being terminated, or timed out
                await client.get_workflow_handle(lock_id).result()
