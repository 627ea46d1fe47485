"""Runs that go on for longer than their kind should, or whose code fails: which, and why."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.enums.v1 import EventType, PendingActivityState, PendingWorkflowTaskState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryReverseRequest,
)
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionDescription

from ops.queues.decoding import error_of
from ops.queues.failed_runs import AT_ONCE, account_of, current_run
from ops.queues.queue_states import QueueState
from ops.queues.visibility import OURS, RUNNING, all_of, before, equals
from sellermind import ids
from sellermind.redaction import shown
from sellermind.starts import COMPANY_ID

OLDER = timedelta(hours=1)
LONGER = timedelta(hours=6)
LONG_JOBS = frozenset({"ProcessGenerationTask", "RemoveOldRows", "RunAgentTaskRun"})
"""Many items or rows, or a long conversation: an hour of them is nothing unusual."""

PROBLEMS = "TemporalReportedProblems IS NOT NULL"
CODE_FAILS = "category=WorkflowTaskFailed"
TIMED_OUT = EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT
ENDS = {TIMED_OUT, EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED}
LATEST = 20
"""Events among which the task's end is looked for: signals may have come since."""
LOOK_AT = 500
"""Runs that are looked into, the oldest of them being the ones that are listed."""


@dataclass(frozen=True)
class StuckRun:
    """A run, and what keeps it."""

    workflow_id: str
    run_id: str
    job: str
    account: int | None
    queue: str
    since: datetime
    reason: str
    waits: bool = False
    """It waits for somebody who knows: a person's approval, a paused queue. Not stuck, only listed."""
    attempt: int | None = None
    last_failure: str | None = None


async def stuck_runs(
    client: Client,
    queues: Mapping[str, QueueState],
    waiting: frozenset[int],
    older: timedelta | None = None,
    company: int | None = None,
) -> list[StuckRun]:
    """The runs that have been going on for too long, and those whose code fails, with the reasons.

    Args:
        client: the connection to Temporal.
        queues: the queues by name.
        waiting: agent runs that wait for a person.
        older: how long is too long; None: what is usual for the kind.
        company: whose runs; None: all.
    """
    old = before("StartTime", datetime.now(UTC) - (older or OLDER))
    whose = [] if company is None else [equals(COMPANY_ID.name, company)]
    query = all_of(OURS, RUNNING, f"({old} OR {PROBLEMS})", *whose)
    found = [run async for run in client.list_workflows(query, limit=LOOK_AT) if _too_long(run, older)]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(run: WorkflowExecution) -> StuckRun | None:
        async with gate:
            return await _looked_into(client, run, queues, waiting)

    looked = await asyncio.gather(*(one(run) for run in found))
    return sorted((run for run in looked if run), key=lambda run: run.since)


def _too_long(run: WorkflowExecution, older: timedelta | None) -> bool:
    longest = older or (LONGER if run.workflow_type in LONG_JOBS else OLDER)
    return run.start_time < datetime.now(UTC) - longest or "TemporalReportedProblems" in run.search_attributes


async def _looked_into(
    client: Client, run: WorkflowExecution, queues: Mapping[str, QueueState], waiting: frozenset[int]
) -> StuckRun | None:
    described = await current_run(client, run.id)
    if described is None or described.run_id != run.run_id or described.close_time:
        return None  # it ended while we looked
    raw = described.raw_description
    activity = _slowest(raw)
    if raw.pending_workflow_task.attempt > 1 and await _unanswered(client, described):
        reason, waits = f"no worker of queue {run.task_queue} answers: see the silent ones in `workers status`", False
    else:
        reason, waits = _reason(raw, activity, queues.get(run.task_queue), waits_for_person=_agent(run) in waiting)
    return StuckRun(
        workflow_id=run.id,
        run_id=run.run_id,
        job=run.workflow_type,
        account=account_of(run),
        queue=run.task_queue,
        since=run.start_time,
        reason=reason,
        waits=waits,
        attempt=activity.attempt if activity else None,
        last_failure=await _failure(client, activity),
    )


def _reason(
    raw: DescribeWorkflowExecutionResponse,
    activity: PendingActivityInfo | None,
    queue: QueueState | None,
    *,
    waits_for_person: bool,
) -> tuple[str, bool]:
    """Why it does not go on, and whether somebody wants it so."""
    if raw.pending_workflow_task.attempt > 1:
        attempt = raw.pending_workflow_task.attempt
        return f"its workflow code fails (attempt {attempt}): deploy a version that can go on", False
    if activity and activity.paused:
        return f"step {activity.activity_type.name} is paused", True
    if queue and _waits_for_worker(raw, activity) and (queue.paused or not queue.workers):
        return (
            (f"queue {queue.queue} is paused", True) if queue.paused else (f"nobody polls queue {queue.queue}", False)
        )
    if waits_for_person:
        return "waits for a person's approval", True
    if activity is None:
        worker = f"a worker of queue {raw.workflow_execution_info.task_queue}"
        return f"waits for {worker if raw.HasField('pending_workflow_task') else 'a timer or a signal'}", False
    how = f"fails (attempt {activity.attempt})" if activity.HasField("last_failure") else "takes long"
    return f"step {activity.activity_type.name} {how}", False


async def _unanswered(client: Client, run: WorkflowExecutionDescription) -> bool:
    """Whether a worker took the run's workflow task and fell silent: frozen or killed, its code is not to blame.

    History has the first of several failures only; what came after five the server writes beside the run.
    """
    if CODE_FAILS in run.search_attributes.get("TemporalReportedProblems", []):
        return False
    answer = await client.workflow_service.get_workflow_execution_history_reverse(
        GetWorkflowExecutionHistoryReverseRequest(
            namespace=client.namespace,
            execution=Execution(workflow_id=run.id, run_id=run.run_id),
            maximum_page_size=LATEST,
        )
    )
    return next((one.event_type for one in answer.history.events if one.event_type in ENDS), None) == TIMED_OUT


def _waits_for_worker(raw: DescribeWorkflowExecutionResponse, activity: PendingActivityInfo | None) -> bool:
    """Whether its next task lies in the queue."""
    if raw.pending_workflow_task.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED:
        return True
    return activity is not None and activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED


def _slowest(raw: DescribeWorkflowExecutionResponse) -> PendingActivityInfo | None:
    """Of several pending steps the one with the most attempts."""
    return max(raw.pending_activities, key=lambda activity: activity.attempt, default=None)


async def _failure(client: Client, activity: PendingActivityInfo | None) -> str | None:
    if activity is None or not activity.HasField("last_failure"):
        return None
    return shown(str(await error_of(client, activity.last_failure)))


def _agent(run: WorkflowExecution) -> int | None:
    """The agent's run a workflow is the conversation of."""
    number = ids.account_of(run.id)
    return number if number is not None and run.id == ids.agent_run(number) else None
