"""`sellermind schedules check`: for monitoring; exit 1 if a schedule does not do what the catalog says."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow, ScheduleActionResult, ScheduleDescription
from temporalio.client import WorkflowExecutionStatus as Status
from temporalio.service import RPCError, RPCStatusCode

from ops.maintenance import standstill
from ops.outcome import ExitCode, VerbFailed
from ops.output import Table, json_option, show, span
from ops.queues.failed_runs import current_run
from ops.temporal import ask
from schedules.apply import is_drifted
from schedules.specs import cadence
from sellermind.settings import Settings, load
from workflows.catalog import SCHEDULED, Chore, Job

GRACE = timedelta(seconds=5)
LATE_AFTER = 3
"""Ticks that may be missing before the last one is called late."""

BAD_ENDS = frozenset({Status.FAILED, Status.TIMED_OUT, Status.TERMINATED})


@dataclass(frozen=True)
class Checked:
    """One schedule, and what is wrong with it."""

    job: str
    status: str
    """OK, PAUSED or ALERT."""
    problems: list[str]
    skipped: int = 0
    """Ticks that found the one before still at work, since the schedule was made."""
    missed: int = 0
    """Ticks that the server was too late for, since the schedule was made."""
    drifted: bool = False
    """Whether it is not what the catalog says, which `schedules apply` mends."""


@click.command()
@json_option
def check(*, as_json: bool) -> None:
    """Compare the schedules with the catalog: missing, changed by hand, paused, late, skipped or missed ticks."""
    settings = load()
    found = ask(lambda client: check_all(client, settings))
    rows = [(one.job, one.status, "; ".join(one.problems), str(one.skipped), str(one.missed)) for one in found]
    show(found, Table(("schedule", "status", "what", "skipped ever", "missed ever"), rows), as_json=as_json)
    alerts = [one.job for one in found if one.status == "ALERT"]
    if alerts:
        raise VerbFailed(ExitCode.FAILED, f"Not as the catalog says: {', '.join(alerts)}.")


async def check_all(client: Client, settings: Settings) -> list[Checked]:
    """Every schedule of the catalog against what the server has.

    Raises:
        RPCError: the server does not answer.
    """
    return [await _check(client, job, settings) for job in SCHEDULED]


async def _check(client: Client, job: Job | Chore, settings: Settings) -> Checked:
    try:
        found = await client.get_schedule_handle(job.name).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return Checked(job.name, "ALERT", ["not applied: run `sellermind schedules apply`"], drifted=True)
    drifted = await is_drifted(client, job, found.schedule, settings)
    problems = ["differs from the catalog: run `sellermind schedules apply`"] if drifted else []
    paused = found.schedule.state.paused
    if not paused and not _was_paused(found):
        problems += [*_late(found, cadence(job, settings)), *_gaps(found, cadence(job, settings))]
    problems += await _bad_end(client, found)
    status = "ALERT" if problems else ("PAUSED" if paused else "OK")
    why = standstill.shown(found.schedule.state.note) or "no reason given"
    said = [f"paused: {why}", *problems] if paused else problems
    lost = found.info.num_actions_skipped_overlap, found.info.num_actions_missed_catchup_window
    return Checked(job.name, status, said, *lost, drifted)


def _was_paused(found: ScheduleDescription) -> bool:
    """Whether ticks that are not there can only be those of a pause that has ended.

    A resume in the Web UI leaves no date (seen on Temporal 1.32), but the server counts each tick that it skips or is
    too late for, and it plans the next one.
    """
    info, now = found.info, datetime.now(UTC)
    lost = info.num_actions_skipped_overlap or info.num_actions_missed_catchup_window
    return not lost and bool(info.next_action_times) and info.next_action_times[0] > now - GRACE


def _late(found: ScheduleDescription, every: timedelta) -> list[str]:
    """No tick for a while, although none forbids it; a tick that goes on forbids the next ones."""
    now, info = datetime.now(UTC), found.info
    last = info.recent_actions[-1].started_at if info.recent_actions else None
    since = max(moment for moment in (last, info.created_at, info.last_updated_at) if moment)
    if now - since < LATE_AFTER * every + GRACE:
        return []
    why = "the tick before is still at work: does anybody poll its queue?" if info.running_actions else "none was made"
    return [f"no tick for {span(now - since)}, one is due every {span(every)}; {why}"]


def _gaps(found: ScheduleDescription, every: timedelta) -> list[str]:
    """Ticks that are missing between the latest ones, since the schedule was last changed or resumed by us.

    Those of a pause that ended in the Web UI are among them if other ticks were lost at any time.
    """
    changed = found.info.last_updated_at or found.info.created_at
    times = [action.scheduled_at for action in found.info.recent_actions if action.scheduled_at > changed]
    if len(times) < 2:  # noqa: PLR2004 (a gap has two ends)
        return []
    missing = round((times[-1] - times[0]) / every) + 1 - len(times)
    return (
        [f"{missing} of the last {missing + len(times)} ticks were skipped or missed, or fell into a pause"]
        if missing > 0
        else []
    )


async def _bad_end(client: Client, found: ScheduleDescription) -> list[str]:
    """How the last tick ended, if badly."""
    last: ScheduleActionResult | None = found.info.recent_actions[-1] if found.info.recent_actions else None
    if last is None or not isinstance(last.action, ScheduleActionExecutionStartWorkflow):
        return []
    run = await current_run(client, last.action.workflow_id)
    if run is None or run.status not in BAD_ENDS:
        return []
    return [f"the last tick is {run.status.name.lower()}: `sellermind queue failed --id {last.action.workflow_id}`"]
