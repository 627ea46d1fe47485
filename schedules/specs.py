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

from sellermind import ids
from sellermind.models.sync import SyncTick
from sellermind.settings import Settings
from workflows.catalog import Job
from workflows.sync_all_accounts import SyncAllAccounts

FINGERPRINT = "sellermind.fingerprint"
SHORTEST_CATCHUP = timedelta(minutes=1)


def cadence(job: Job, settings: Settings) -> timedelta:
    """Time between two ticks: the setting where there is one, else the catalog's."""
    seconds = settings.cadence.get(job.name)
    return timedelta(seconds=seconds) if seconds else job.every


def schedule_of(job: Job, settings: Settings) -> Schedule:
    """The schedule of one job: a tick starts SyncAllAccounts, which starts the job for every active account.

    A tick that finds the one before still starting accounts is skipped, and ticks missed while the server was
    down are caught up by one: the next tick reads everything anyway.
    """
    every = cadence(job, settings)
    tick = SyncTick(
        job=job.name,
        marketplace=job.marketplace,
        purpose=job.purpose,
        every_seconds=int(every.total_seconds()),
    )
    fingerprint = hashlib.sha256(f"{tick.model_dump_json()} {job.task_queue}".encode()).hexdigest()[:16]
    return Schedule(
        action=ScheduleActionStartWorkflow(
            SyncAllAccounts.run,
            tick,
            id=ids.fan_out(job.name),
            task_queue=job.task_queue,
            memo={FINGERPRINT: fingerprint},
            static_summary=f"{job.purpose}: every active {job.marketplace.value} account",
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=max(every, SHORTEST_CATCHUP)),
    )
