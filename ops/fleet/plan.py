"""`sellermind workers plan`: how many workers a flow of jobs needs."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecution

from ops.output import Table, json_option, numbered, show
from ops.queues.queue_states import QueueState, queue_states
from ops.queues.visibility import after, all_of, equals
from ops.temporal import ask
from sellermind.queues import TaskQueue

MEASURED = timedelta(hours=1)
SAMPLE = 20
"""Runs of each queue whose steps are timed."""

SPARE = 4
"""So many times more slots than needed, without one of the processes, are too many."""


@dataclass(frozen=True)
class Need:
    """What the seed's formula says: jobs a minute times seconds a job, by 60."""

    per_hour: float
    average_seconds: float

    @property
    def exact(self) -> float:
        """Jobs at a time."""
        return round(self.per_hour / 60 * self.average_seconds / 60, 2)

    @property
    def workers(self) -> int:
        """Workers of one job at a time, as Laravel's are."""
        return math.ceil(self.exact)


@dataclass(frozen=True)
class Plan:
    """One queue: what it needs, and what it has."""

    queue: str
    per_hour: int
    average_seconds: float
    exact: float
    slots_needed: int
    slots: int
    workers: int
    verdict: str


@click.command()
@click.option("--per-hour", type=click.FloatRange(min=0), help="Jobs an hour.")
@click.option("--avg", "average", type=click.FloatRange(min=0), help="Seconds a job takes.")
@json_option
def plan(*, per_hour: float | None, average: float | None, as_json: bool) -> None:
    """Say how many workers are needed: for given numbers, or for the last hour as it was, queue by queue."""
    if (per_hour is None) is not (average is None):
        raise click.UsageError("--per-hour and --avg go together.", click.get_current_context())
    if not math.isfinite((per_hour or 0) * (average or 0)):
        raise click.UsageError("--per-hour and --avg give no number to plan for.", click.get_current_context())
    if per_hour is not None and average is not None:
        need = Need(per_hour, average)
        answer = {"per_hour": per_hour, "average_seconds": average, "exact": need.exact, "workers": need.workers}
        said = f"({per_hour:g} / 60 × {average:g}) / 60 = {need.exact:g}: {numbered(need.workers, 'worker')}"
        show(
            answer,
            f"{said} of one job at a time, or {numbered(need.workers, 'slot')} of `python -m workers.…`.",
            as_json=as_json,
        )
        return
    plans = ask(_measure)
    rows = [
        (one.queue, str(one.per_hour), f"{one.average_seconds:g} s", f"{one.exact:g}", str(one.slots_needed),
         str(one.slots), str(one.workers), one.verdict)
        for one in plans
    ]  # fmt: skip
    columns = ("queue", "jobs/h", "average", "at a time", "slots needed", "slots", "workers", "verdict")
    show(plans, Table(columns, rows), as_json=as_json)


async def _measure(client: Client) -> list[Plan]:
    return [await _plan(client, state) for state in await queue_states(client)]


async def _plan(client: Client, state: QueueState) -> Plan:
    ended = all_of(equals("TaskQueue", state.queue), after("CloseTime", datetime.now(UTC) - MEASURED))
    count = (await client.count_workflows(ended)).count
    sample = [run async for run in client.list_workflows(ended, limit=SAMPLE)]
    busy = [await _busy(client, run) for run in sample]
    need = Need(count, round(sum(busy) / len(busy), 2) if busy else 0.0)
    return Plan(
        queue=state.queue,
        per_hour=count,
        average_seconds=need.average_seconds,
        exact=need.exact,
        slots_needed=need.workers,
        slots=state.slots,
        workers=state.workers,
        verdict=verdict(state, need),
    )


def verdict(state: QueueState, need: Need) -> str:
    """What to do about a queue.

    Args:
        state: the queue now.
        need: what the last hour needed.
    """
    if not state.workers:
        nobody = f"nobody polls it: start `python -m workers.{TaskQueue(state.queue)}`"
        return nobody if need.per_hour or state.backlog else "not used"
    if not state.slots:
        return "its workers have not told their slots yet"
    if state.slots < need.workers:
        return f"too few: {numbered(need.workers - state.slots, 'more slot')}"
    slots_each = state.slots / state.workers
    if state.workers > 1 and state.slots - slots_each >= SPARE * max(1, need.workers):
        enough = max(1, math.ceil(SPARE * max(1, need.workers) / slots_each))
        return f"more than enough: {numbered(enough, 'worker')} would do"
    return "enough"


async def _busy(client: Client, run: WorkflowExecution) -> float:
    """Seconds that workers were at work on a run's steps; the time it waited in queues costs no worker."""
    handle = client.get_workflow_handle(run.id, run_id=run.run_id)
    began: dict[int, HistoryEvent] = {}
    seconds = 0.0
    async for event in handle.fetch_history_events():
        if event.HasField("activity_task_started_event_attributes"):
            began[event.event_id] = event
        elif event.HasField("activity_task_completed_event_attributes"):
            start = began[event.activity_task_completed_event_attributes.started_event_id]
            seconds += (event.event_time.ToDatetime() - start.event_time.ToDatetime()).total_seconds()
    return seconds
