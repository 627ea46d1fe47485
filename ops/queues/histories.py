"""What a run's history says of its failure: the error, the step that failed, and where a retry would begin."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from temporalio import exceptions
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError, FailureError

from ops.queues.decoding import error_of, values_of
from sellermind.redaction import shown

# The event that ends a step badly, and its field that names the event which began the step.
FAILED_STEPS = {
    "activity_task_failed_event_attributes": "scheduled_event_id",
    "activity_task_timed_out_event_attributes": "scheduled_event_id",
    "child_workflow_execution_failed_event_attributes": "initiated_event_id",
    "child_workflow_execution_timed_out_event_attributes": "initiated_event_id",
    "start_child_workflow_execution_failed_event_attributes": "initiated_event_id",
}
DONE_STEPS = {
    "activity_task_completed_event_attributes": "scheduled_event_id",
    "child_workflow_execution_completed_event_attributes": "initiated_event_id",
}
FIRST_STEP = "the beginning"


@dataclass(frozen=True)
class ErrorLink:
    """One error of a chain; its message is safe to show."""

    type: str
    message: str


@dataclass(frozen=True)
class RetryPoint:
    """Where a retry goes on: behind the workflow task that scheduled the step which failed.

    A reset to the last workflow task would only replay the decision to fail; one to the first runs every step again.
    """

    event_id: int
    step: str
    attempts: int | None = None


@dataclass(frozen=True)
class FailureStory:
    """How a run failed."""

    errors: Sequence[ErrorLink] = field(default=())
    point: RetryPoint | None = None
    """None: the run never began; there is nothing to go back to."""
    start: RetryPoint | None = None
    """The first workflow task, for a retry of everything."""
    job_input: Sequence[object] = ()

    @property
    def cause(self) -> ErrorLink:
        """The innermost error: what the step met, not who passed it on."""
        return self.errors[-1] if self.errors else ErrorLink("TimedOut", "the run took longer than it may")


async def read(client: Client, workflow_id: str, run_id: str) -> FailureStory:
    """Read one run's history.

    Args:
        client: the connection; its data converter decodes what is encrypted.
        workflow_id: the run's workflow id.
        run_id: the run.

    Raises:
        RPCError: NOT_FOUND where retention or somebody has deleted it.
    """
    handle: WorkflowHandle[object, object] = client.get_workflow_handle(workflow_id, run_id=run_id)
    events = [event async for event in handle.fetch_history_events()]
    started = events[0].workflow_execution_started_event_attributes
    return FailureStory(
        errors=await _errors(client, events[-1]),
        point=retry_point(events),
        start=_beginning(events),
        job_input=await values_of(client, started.input.payloads),
    )


def retry_point(events: Sequence[HistoryEvent]) -> RetryPoint | None:
    """Where a retry begins: at the last step that failed, else at one that never ended, else at the beginning.

    Args:
        events: a whole history, in order.
    """
    begun = _failed_step(events) or _unfinished_step(events)
    if begun is None:
        return _beginning(events)
    event = events[begun - 1]
    if event.HasField("activity_task_scheduled_event_attributes"):
        activity = event.activity_task_scheduled_event_attributes
        return RetryPoint(
            activity.workflow_task_completed_event_id, activity.activity_type.name, _attempts(events, begun)
        )
    child = event.start_child_workflow_execution_initiated_event_attributes
    return RetryPoint(child.workflow_task_completed_event_id, child.workflow_type.name)


def _failed_step(events: Sequence[HistoryEvent]) -> int | None:
    """Id of the event that began the last step which failed."""
    for event in reversed(events):
        kind = event.WhichOneof("attributes")
        if kind in FAILED_STEPS:
            return int(getattr(getattr(event, kind), FAILED_STEPS[kind]))
    return None


def _unfinished_step(events: Sequence[HistoryEvent]) -> int | None:
    """Id of the event that began a step which was still going on when the run ended: it was timed out or stopped."""
    done = {
        getattr(getattr(event, kind), DONE_STEPS[kind])
        for event in events
        if (kind := event.WhichOneof("attributes")) in DONE_STEPS
    }
    begun = (
        event.event_id
        for event in events
        if event.HasField("activity_task_scheduled_event_attributes")
        or event.HasField("start_child_workflow_execution_initiated_event_attributes")
    )
    return next((event_id for event_id in begun if event_id not in done), None)


def _beginning(events: Sequence[HistoryEvent]) -> RetryPoint | None:
    tasks = (event for event in events if event.HasField("workflow_task_completed_event_attributes"))
    return next((RetryPoint(event.event_id, FIRST_STEP) for event in tasks), None)


def _attempts(events: Sequence[HistoryEvent], scheduled: int) -> int | None:
    starts = (event.activity_task_started_event_attributes for event in events)
    return next((start.attempt for start in starts if start.scheduled_event_id == scheduled), None)


async def _errors(client: Client, last: HistoryEvent) -> list[ErrorLink]:
    """The chain of errors, the outermost first."""
    if not last.HasField("workflow_execution_failed_event_attributes"):
        return []
    error: BaseException | None = await error_of(client, last.workflow_execution_failed_event_attributes.failure)
    chain = []
    while isinstance(error, FailureError):
        chain.append(ErrorLink(_kind(error), shown(error.message)))
        error = error.cause
    return chain


def _kind(error: FailureError) -> str:
    """The name that people filter by: our error's, the time-out's, or Temporal's class."""
    if isinstance(error, ApplicationError) and error.type:
        return error.type
    if isinstance(error, exceptions.TimeoutError) and error.type is not None:
        return f"Timeout({error.type.name})"
    if isinstance(error, ActivityError):
        return f"ActivityError({error.activity_type})"
    if isinstance(error, ChildWorkflowError):
        return f"ChildWorkflowError({error.workflow_type})"
    return type(error).__name__
