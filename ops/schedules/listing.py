"""`sellermind schedules list`: when jobs run, for whom they do not, and how the last tick went."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow, ScheduleDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from ops.database import database
from ops.dispatch import upkeep
from ops.maintenance import standstill
from ops.outcome import VerbFailed
from ops.output import Table, json_option, show, span
from ops.schedules.changes import described
from ops.temporal import ask
from sellermind.models.retention import RemovedRows
from sellermind.models.sync import JobPause, TickReport
from sellermind.settings import load
from sellermind.storage import pauses
from sellermind.storage.engine import reading
from workflows.catalog import CHORES, SCHEDULED

NEXT = 3


@dataclass(frozen=True)
class ScheduleState:
    """One schedule as the server has it."""

    job: str
    applied: bool
    every: timedelta | None = None
    paused: bool = False
    note: str | None = None
    next_runs: tuple[datetime, ...] = ()
    skipped: int = 0
    """Ticks that found the one before still at work, since the schedule was made."""
    missed: int = 0
    """Ticks that the server was too late for, since the schedule was made."""
    last_run: datetime | None = None
    last_result: str | None = None
    paused_accounts: tuple[JobPause, ...] = ()
    """Accounts that the ticks leave out, by an operator's word."""


@click.command("list")
@json_option
def list_schedules(*, as_json: bool) -> None:
    """Show each schedule's cadence, next tick, pause with its note, and how the last tick went."""
    settings = load()
    found = ask(_states)
    with database(settings) as engine, reading(engine) as connection:
        standing = pauses.standing(connection, datetime.now(UTC))
    states = [
        replace(state, paused_accounts=tuple(each for each in standing if each.job == state.job)) for state in found
    ]
    rows = [
        (
            state.job,
            span(state.every),
            "paused" if state.paused else ("active" if state.applied else "not applied"),
            _from_now(state.next_runs[0] if state.next_runs else None),
            _from_now(state.last_run),
            state.last_result or "-",
            _note(state),
        )
        for state in states
    ]
    show(
        states,
        Table(("schedule", "every", "state", "next", "last", "last result", "note"), rows),
        as_json=as_json,
    )


def _note(state: ScheduleState) -> str:
    """The schedule's note, and the accounts that are left out."""
    left_out = [f"{each.account_id}{_until(each)}" for each in state.paused_accounts]
    whose = f"not for account{'s' * (len(left_out) > 1)} {', '.join(left_out)}" if left_out else None
    notes = [standstill.shown(state.note) if state.paused else None, whose]
    return "; ".join(note for note in notes if note)


async def _states(client: Client) -> list[ScheduleState]:
    """Every schedule of the catalog, applied or not; accounts are not looked at."""
    states = []
    for job in SCHEDULED:
        try:
            description = await described(client.get_schedule_handle(job.name))
        except VerbFailed:
            states.append(ScheduleState(job=job.name, applied=False))
        else:
            states.append(await _state(client, description))
    return states


async def _state(client: Client, description: ScheduleDescription) -> ScheduleState:
    schedule, info = description.schedule, description.info
    last = info.recent_actions[-1] if info.recent_actions else None
    return ScheduleState(
        job=description.id,
        applied=True,
        every=schedule.spec.intervals[0].every if schedule.spec.intervals else None,
        paused=schedule.state.paused,
        note=schedule.state.note or None,
        next_runs=() if schedule.state.paused else tuple(info.next_action_times[:NEXT]),
        skipped=info.num_actions_skipped_overlap,
        missed=info.num_actions_missed_catchup_window,
        last_run=last.started_at if last else None,
        last_result=await _result(client, description.id, last.action) if last else None,
    )


async def _result(client: Client, job: str, action: Any) -> str | None:
    """How a tick ended: `3 started, 1 still running`, or its status while it has none or failed."""
    if not isinstance(action, ScheduleActionExecutionStartWorkflow):
        return None
    report_type = RemovedRows if job in {chore.name for chore in CHORES} else TickReport
    handle = client.get_workflow_handle(
        action.workflow_id, first_execution_run_id=action.first_execution_run_id, result_type=report_type
    )
    try:
        status = (await handle.describe()).status
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None  # older than the namespace's retention
    if status is not WorkflowExecutionStatus.COMPLETED:
        return status.name.lower() if status else None
    report = await handle.result()
    if isinstance(report, RemovedRows):
        return upkeep.told(report)
    return f"{report.started} started, {report.still_running} still running"


def _from_now(moment: datetime | None) -> str:
    """`in 40 s`, `2 min ago`."""
    if moment is None:
        return "-"
    distance = moment - datetime.now(UTC)
    return f"in {span(distance)}" if distance > timedelta(0) else f"{span(-distance)} ago"


def _until(pause: JobPause) -> str:
    return f" ({span(pause.ends_at - datetime.now(UTC))} more)" if pause.ends_at else ""
