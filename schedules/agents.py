"""Start an agent's run, wake it for another message, hand it a person's decision, cancel it."""

import asyncio
from datetime import timedelta

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import Priority, SearchAttributePair, TypedSearchAttributes, WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from sellermind import ids
from sellermind.models.agent_records import Run
from sellermind.models.agent_runs import AgentRun, CallOutcome, Decision
from sellermind.queues import TaskQueue
from sellermind.starts import COMPANY_ID
from workflows.run_agent_task_run import RunAgentTaskRun

# A workflow takes ten updates at once; a burst of messages to one run is told to come again, and one that comes in
# the moment of its end is aborted. The message itself is safe in the queue: only the knock on the door is repeated.
COME_AGAIN = frozenset({RPCStatusCode.RESOURCE_EXHAUSTED, RPCStatusCode.ABORTED, RPCStatusCode.UNAVAILABLE})
KNOCKS = 8
FIRST_PAUSE = timedelta(milliseconds=200)


async def wake(client: Client, run: Run, client_ref: str, task_queue: str = TaskQueue.LOW) -> None:
    """Let a run see to its queued messages: start it, or wake it where it runs. Safe to repeat.

    Args:
        client: the connection to Temporal.
        run: the run; its message must be in the queue already (agent_turns.enqueue).
        client_ref: the message's reference.
        task_queue: another queue than low.

    Raises:
        RPCError: Temporal does not take it.
        WorkflowUpdateRPCTimeoutOrCancelledError: no worker took it before the caller gave up.
    """
    for knock in range(KNOCKS):
        start = _start(run, task_queue)
        try:
            await client.execute_update_with_start_workflow(
                RunAgentTaskRun.continue_run,
                client_ref,
                id=client_ref,
                start_workflow_operation=start,
            )
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            # The SDK leaves the failure in the start as well, and asyncio would complain at exit that nobody took it.
            await asyncio.gather(start.workflow_handle(), return_exceptions=True)
            raise
        except RPCError as error:
            if error.status not in COME_AGAIN or knock + 1 == KNOCKS:
                raise
            await asyncio.sleep(FIRST_PAUSE.total_seconds() * 2**knock)
        else:
            return


async def decide(client: Client, run_id: int, decision: Decision) -> CallOutcome:
    """Hand a person's decision to the run; it holds once.

    Raises:
        WorkflowUpdateFailedError: refused; its cause says why.
        RPCError: NOT_FOUND where the run is not at work.
    """
    word = "approve" if decision.approve else "reject"
    return await handle(client, run_id).execute_update(
        RunAgentTaskRun.decide, decision, id=f"{word}/{decision.call_id}/{decision.args_hash}/{decision.by}"
    )


def handle(client: Client, run_id: int) -> WorkflowHandle[RunAgentTaskRun, object]:
    """The workflow of a run, for queries and cancellation."""
    return client.get_workflow_handle_for(RunAgentTaskRun.run, ids.agent_run(run_id))


def _start(run: Run, task_queue: str) -> WithStartWorkflowOperation[RunAgentTaskRun, object]:
    return WithStartWorkflowOperation(
        RunAgentTaskRun.run,
        AgentRun(run_id=run.id),
        id=ids.agent_run(run.id),
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        search_attributes=TypedSearchAttributes([SearchAttributePair(COMPANY_ID, run.company_id)]),
        static_summary=f"agent run {run.id} · company {run.company_id}",
        static_details=f"`sellermind agent show {run.id}`: status, answer, what waits for a person\n\n"
        f"`sellermind agent trace {run.id}`: every step, decision and price",
        priority=Priority(fairness_key=str(run.company_id)),
    )
