"""`sellermind schedules …`: when jobs run."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from temporalio.client import (
    Client,
    ScheduleActionExecutionStartWorkflow,
    ScheduleDescription,
    ScheduleHandle,
    WorkflowExecutionStatus,
)
from temporalio.service import RPCError, RPCStatusCode

from ops import audit
from ops.job_names import job_named
from ops.maintenance import standstill
from ops.outcome import ExitCode, VerbFailed
from ops.output import Table, examples, json_option, show, span
from ops.schedules import backfill, check
from ops.temporal import ask
from schedules.apply import apply as apply_schedules
from sellermind.models.sync import TickReport
from sellermind.settings import load
from workflows.catalog import JOBS

NEXT = 3
PAUSED_BY_US = "paused with `sellermind schedules pause`"


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


@click.group(
    "schedules",
    epilog=examples(
        "sellermind schedules apply",
        "sellermind schedules list",
        'sellermind schedules pause SyncNewWildberriesOrders --reason "marketplace maintenance"',
        "sellermind schedules trigger sync-new-wildberries-orders",
        "sellermind schedules backfill ReconcileWildberriesOrders --since 14d --account 7",
        "sellermind schedules check     (exit 1 if one is late, changed, skipped or missing)",
    ),
)
def command() -> None:
    """When jobs run: one schedule per job; each tick starts the job for every active account."""


for verb in (backfill.backfill, check.check):
    command.add_command(verb)


@command.command()
@json_option
def apply(*, as_json: bool) -> None:
    """Make Temporal's schedules equal to the catalog and the settings; a pause that somebody set is kept."""
    settings = load()
    applied = ask(lambda client: apply_schedules(client, settings))
    if applied.created or applied.updated or applied.removed:
        audit.record("schedules apply", created=applied.created, updated=applied.updated, removed=applied.removed)
    parts = {
        "created": applied.created,
        "updated": applied.updated,
        "removed": applied.removed,
        "unchanged": applied.unchanged,
    }
    show(applied, "; ".join(f"{part}: {', '.join(names)}" for part, names in parts.items() if names), as_json=as_json)


@command.command("list")
@json_option
def list_schedules(*, as_json: bool) -> None:
    """Show each schedule's cadence, next tick, pause with its note, and how the last tick went."""
    states = ask(_states)
    rows = [
        (
            state.job,
            span(state.every),
            "paused" if state.paused else ("active" if state.applied else "not applied"),
            _from_now(state.next_runs[0] if state.next_runs else None),
            _from_now(state.last_run),
            state.last_result or "-",
            state.note or "",
        )
        for state in states
    ]
    show(
        states,
        Table(("schedule", "every", "state", "next", "last", "last result", "note"), rows),
        as_json=as_json,
    )


def _of_schedules(verb: Callable[..., None]) -> Callable[..., None]:
    """The arguments that pause, resume and trigger share."""
    verb = click.argument("jobs", nargs=-1, metavar="[JOB]...")(verb)
    return click.option("--all", "all_jobs", is_flag=True, help="Every schedule.")(json_option(verb))


@command.command()
@click.option("--reason", default=PAUSED_BY_US, help="Why; shown in the list and the Web UI.")
@_of_schedules
def pause(*, jobs: Sequence[str], all_jobs: bool, reason: str, as_json: bool) -> None:
    """Stop the ticks of a job until `resume`; what is running goes on."""
    _change(
        "pause",
        jobs,
        all_jobs,
        lambda handle: handle.pause(note=f"{reason} ({audit.who()})"),
        as_json=as_json,
        reason=reason,
    )


@command.command()
@_of_schedules
def resume(*, jobs: Sequence[str], all_jobs: bool, as_json: bool) -> None:
    """Let a paused job tick again."""
    _change("resume", jobs, all_jobs, lambda handle: handle.unpause(note=""), as_json=as_json)


@command.command()
@_of_schedules
def trigger(*, jobs: Sequence[str], all_jobs: bool, as_json: bool) -> None:
    """Tick now, also when paused: the job starts for every active account that is not at work."""
    _change("trigger", jobs, all_jobs, lambda handle: handle.trigger(), as_json=as_json)


def _change(
    verb: str,
    jobs: Sequence[str],
    all_jobs: bool,  # noqa: FBT001 (passed on from click)
    change: Callable[[ScheduleHandle], Awaitable[None]],
    *,
    as_json: bool,
    **facts: object,
) -> None:
    """Do one thing to some schedules, say it and write it down."""
    if bool(jobs) is all_jobs:
        raise click.UsageError("Name one or more jobs, or give --all.", click.get_current_context())
    names = [job.name for job in JOBS] if all_jobs else [job_named(name).name for name in jobs]

    async def change_all(client: Client) -> None:
        if verb == "trigger":
            await standstill.refuse(client)
        handles = [client.get_schedule_handle(name) for name in names]
        for handle in handles:
            await _described(handle)  # all or nothing: an unknown one stops us before the first is changed
        for handle in handles:
            await change(handle)

    ask(change_all)
    audit.record(f"schedules {verb}", schedules=names, **facts)
    done = {"pause": "paused", "resume": "resumed", "trigger": "triggered"}[verb]
    show({done: names}, f"{done}: {', '.join(names)}", as_json=as_json)


async def _states(client: Client) -> list[ScheduleState]:
    """Every schedule of the catalog, applied or not."""
    states = []
    for job in JOBS:
        try:
            description = await _described(client.get_schedule_handle(job.name))
        except VerbFailed:
            states.append(ScheduleState(job=job.name, applied=False))
        else:
            states.append(await _state(client, description))
    return states


async def _described(handle: ScheduleHandle) -> ScheduleDescription:
    try:
        return await handle.describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise VerbFailed(
            ExitCode.NOT_FOUND, f"{handle.id} has no schedule on this server yet; run `sellermind schedules apply`."
        ) from error


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
        last_result=await _result(client, last.action) if last else None,
    )


async def _result(client: Client, action: Any) -> str | None:
    """How a tick ended: `3 started, 1 still running`, or its status while it has none or failed."""
    if not isinstance(action, ScheduleActionExecutionStartWorkflow):
        return None
    handle = client.get_workflow_handle(
        action.workflow_id, first_execution_run_id=action.first_execution_run_id, result_type=TickReport
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
    return f"{report.started} started, {report.still_running} still running"


def _from_now(moment: datetime | None) -> str:
    """`in 40 s`, `2 min ago`."""
    if moment is None:
        return "-"
    distance = moment - datetime.now(UTC)
    return f"in {span(distance)}" if distance > timedelta(0) else f"{span(-distance)} ago"
