"""Retry of a failed run: a reset to the step that failed, once, and only of what is still a failure."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.enums.v1 import ResetReapplyType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus

from ops.queues import failed_runs, histories
from ops.queues.failed_runs import account_of
from ops.queues.retry_lock import alone
from ops.queues.targets import state_of
from sellermind.models.accounts import Account

COMPLETED = WorkflowExecutionStatus.COMPLETED


@dataclass(frozen=True)
class Order:
    """How to retry."""

    reason: str
    from_start: bool = False
    dry_run: bool = False
    accounts: Mapping[int, Account] | None = None
    """Which accounts there are; None: nobody looked, no run needs one."""


@dataclass(frozen=True)
class Retried:
    """A run that runs again (or would, in a dry run: then without a new run)."""

    workflow_id: str
    job: str
    account: int | None
    run_id: str
    step: str
    event_id: int
    new_run_id: str | None = None


@dataclass(frozen=True)
class Skipped:
    """A run that was left alone, and why."""

    workflow_id: str
    run_id: str
    reason: str


async def retry(client: Client, run: WorkflowExecution, order: Order) -> Retried | Skipped:
    """Retry one run, if it is its workflow id's current one, has failed, and its account may be worked for.

    Safe to repeat and to run in parallel: of several retries of one run the first resets it, the others find a newer
    run.

    Args:
        client: the connection to Temporal.
        run: what to retry.
        order: from where, and why.

    Raises:
        RPCError: Temporal does not take it.
    """
    obstacle = await _obstacle(client, run, order)
    if obstacle:
        return Skipped(run.id, run.run_id, obstacle)
    story = await histories.read(client, run.id, run.run_id)
    point = story.start if order.from_start else story.point
    if point is None:
        return Skipped(run.id, run.run_id, "it ended before it began; start it anew")
    would = Retried(run.id, run.workflow_type, account_of(run), run.run_id, point.step, point.event_id)
    if order.dry_run:
        return would
    async with alone(client, run.id):
        obstacle = await _obstacle(client, run, order)
        if obstacle:
            return Skipped(run.id, run.run_id, obstacle)
        return replace(would, new_run_id=await _reset(client, run, point.event_id, order.reason))


async def _obstacle(client: Client, run: WorkflowExecution, order: Order) -> str | None:
    current = await failed_runs.current_run(client, run.id)
    if current is None:
        return "deleted"
    if current.run_id != run.run_id:
        return f"a newer run is {state_of(current)}"
    if current.status is COMPLETED and not order.from_start:
        return "completed; only --from start runs it again"
    if current.status is not COMPLETED and not failed_runs.is_retryable(current):
        return f"nothing to retry: it is {state_of(current)}"
    return _account_obstacle(account_of(run), order.accounts)


def _account_obstacle(account: int | None, accounts: Mapping[int, Account] | None) -> str | None:
    if account is None or accounts is None:
        return None
    if account not in accounts:
        return f"Account {account} is gone"
    return accounts[account].obstacle


async def _reset(client: Client, run: WorkflowExecution, event_id: int, reason: str) -> str:
    answer = await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=Execution(workflow_id=run.id, run_id=run.run_id),
            workflow_task_finish_event_id=event_id,
            reason=reason,
            identity=client.identity,
            request_id=str(uuid.uuid4()),
            reset_reapply_type=ResetReapplyType.RESET_REAPPLY_TYPE_ALL_ELIGIBLE,
        )
    )
    return answer.run_id
