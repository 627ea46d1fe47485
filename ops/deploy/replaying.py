"""Histories of the real namespace replayed against the code of this checkout."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Replayer

from ops.queues.visibility import OURS, all_of, equals
from sellermind.redaction import shown

OPEN = 'ExecutionStatus = "Running"'
CLOSED = 'ExecutionStatus IN ("Completed", "ContinuedAsNew")'
"""Failed runs are left out: where a bug failed them, code without it takes other steps, and should."""


@dataclass(frozen=True)
class Replayed:
    """One run's history against this code."""

    workflow_type: str
    workflow_id: str
    run_id: str
    open: bool
    problem: str | None
    """What this code would do otherwise; None: it goes the same way."""


async def replay_recent(client: Client, workflows: Sequence[type], sample: int) -> list[Replayed]:
    """Replay the newest runs of every type: open ones, which this code would go on with, and finished ones.

    Args:
        client: the connection to Temporal; its data converter reads what is encrypted.
        workflows: this code's workflow classes.
        sample: how many open and how many finished runs of each type.

    Raises:
        RPCError: Temporal does not answer.
    """
    # Not told, as workers are, that any exception fails a run: then another way would be a failure, and pass.
    replayer = Replayer(workflows=workflows, namespace=client.namespace, data_converter=client.data_converter)
    picked = [await _newest(client, kind.__name__, state, sample) for kind in workflows for state in (OPEN, CLOSED)]
    replayed = [await _replay(client, replayer, run) for run in chain.from_iterable(picked)]
    return [one for one in replayed if one]


async def _newest(client: Client, workflow_type: str, state: str, sample: int) -> list[WorkflowExecution]:
    query = all_of(OURS, equals("WorkflowType", workflow_type), state)
    return [run async for run in client.list_workflows(query, limit=sample)]


async def _replay(client: Client, replayer: Replayer, run: WorkflowExecution) -> Replayed | None:
    """None if retention has taken the run since it was listed, or if no code has taken a step of it yet."""
    try:
        history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None
    if not any(event.HasField("workflow_task_completed_event_attributes") for event in history.events):
        return None  # the replayer would wait for a first step for ever
    failure = (await replayer.replay_workflow(history, raise_on_replay_failure=False)).replay_failure
    return Replayed(
        workflow_type=run.workflow_type,
        workflow_id=run.id,
        run_id=run.run_id,
        open=run.close_time is None,
        problem=shown(str(failure)) if failure else None,
    )
