"""The Schedule objects that the catalog implies."""

import hashlib
from datetime import timedelta

from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)

from schedules.retention import retention_of
from sellermind import ids
from sellermind.errors import Misconfigured
from sellermind.models.payload import Payload
from sellermind.models.sync import SyncTick
from sellermind.settings import Settings
from workflows.catalog import SCHEDULED, Chore, Job
from workflows.remove_old_rows import RemoveOldRows
from workflows.sync_all_accounts import SyncAllAccounts

FINGERPRINT = "sellermind.fingerprint"
SHORTEST_CATCHUP = timedelta(minutes=1)


def cadence(job: Job | Chore, settings: Settings) -> timedelta:
    """Time between two ticks: the setting where there is one, else the catalog's."""
    return timedelta(seconds=settings.cadence[job.name]) if job.name in settings.cadence else job.every


def refuse_unknown(settings: Settings) -> None:
    """See that every cadence of the settings is one of a job with a schedule: a name misspelt would change nothing.

    Raises:
        Misconfigured: one is not.
    """
    unknown = sorted(settings.cadence.keys() - {job.name for job in SCHEDULED})
    if unknown:
        names = ", ".join(job.name for job in SCHEDULED)
        raise Misconfigured(f"SELLERMIND_CADENCE names {', '.join(unknown)}; the jobs with a schedule: {names}.")


def schedule_of(job: Job | Chore, settings: Settings) -> Schedule:
    """The schedule of one job.

    A tick that finds the one before still at work is skipped, and ticks missed while the server was down are caught up
    by one: the next tick reads everything anyway.
    """
    every = cadence(job, settings)
    return Schedule(
        action=_tick(job, every) if isinstance(job, Job) else _chore(job, settings),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=max(every, SHORTEST_CATCHUP)),
    )


def _tick(job: Job, every: timedelta) -> ScheduleActionStartWorkflow:
    """SyncAllAccounts, which starts the job for every active account."""
    tick = SyncTick(
        job=job.name,
        marketplace=job.marketplace,
        purpose=job.purpose,
        every_seconds=int(every.total_seconds()),
    )
    return ScheduleActionStartWorkflow(
        SyncAllAccounts.run,
        tick,
        id=ids.fan_out(job.name),
        task_queue=job.task_queue,
        memo={FINGERPRINT: _fingerprint(tick, job)},
        static_summary=f"{job.purpose}: every active {job.marketplace.value} account",
    )


def _chore(job: Chore, settings: Settings) -> ScheduleActionStartWorkflow:
    """The job itself, with the age limits of the settings."""
    retention = retention_of(settings)
    return ScheduleActionStartWorkflow(
        RemoveOldRows.run,
        retention,
        id=ids.kebab(job.name),
        task_queue=job.task_queue,
        memo={FINGERPRINT: _fingerprint(retention, job)},
        static_summary=job.purpose,
    )


def _fingerprint(given: Payload, job: Job | Chore) -> str:
    return hashlib.sha256(f"{given.model_dump_json()} {job.task_queue}".encode()).hexdigest()[:16]
