"""`schedules pause, resume, trigger --account N` or `--company N`: one job for some accounts; the others go on."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError

from ops import audit
from ops.accounts.states import refuse_paused
from ops.database import database
from ops.maintenance import standstill
from ops.output import show, span
from ops.schedules.scope import Asked, chosen
from ops.temporal import ask
from schedules.start import start_for_account
from sellermind.models.accounts import Account, AccountRef
from sellermind.models.sync import JobPause
from sellermind.settings import load
from sellermind.storage import pauses
from sellermind.storage.engine import reading, transaction
from workflows.catalog import Job


@dataclass(frozen=True)
class Started:
    """Workflow ids by what a start did."""

    started: list[str] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    """At work already, so they were left alone."""


def pause(asked: Asked, reason: str, lasting: timedelta | None, *, as_json: bool) -> None:
    """Leave jobs of some accounts out of the ticks, for a while or until further notice.

    Args:
        asked: which jobs, and whose.
        reason: why.
        lasting: after this they go on by themselves.
        as_json: how to say what was done.
    """
    ends_at = datetime.now(UTC) + lasting if lasting else None
    with database(load()) as engine, transaction(engine) as connection:
        done = [
            JobPause(account_id=account.id, job=job.name, paused_by=audit.who(), reason=reason, ends_at=ends_at)
            for job, account in chosen(connection, asked)
        ]
        pauses.pause(connection, done)
    names = [_named(each.job, each.account_id) for each in done]
    audit.record("schedules pause", jobs=names, reason=reason, lasting=lasting)
    until = f"; it ends by itself in {span(lasting)}" if lasting else ""
    show({"paused": done}, f"paused: {', '.join(names)}{until}", as_json=as_json)


def resume(asked: Asked, *, as_json: bool) -> None:
    """Let the ticks start jobs for some accounts again.

    Args:
        asked: which jobs, and whose.
        as_json: how to say what was done.
    """
    now = datetime.now(UTC)
    with database(load()) as engine, transaction(engine) as connection:
        done = [
            (job.name, account.id)
            for job, account in chosen(connection, asked)
            if pauses.resume(connection, account.id, job.name, now)
        ]
    names = [_named(*each) for each in done]
    audit.record("schedules resume", jobs=names)
    answer = [{"account_id": account_id, "job": job} for job, account_id in done]
    show({"resumed": answer}, f"resumed: {', '.join(names)}" if names else "None was paused.", as_json=as_json)


def trigger(asked: Asked, *, as_json: bool) -> None:
    """Start jobs for some accounts now, as a tick would, paused or not.

    Args:
        asked: which jobs, and whose.
        as_json: how to say what was done.
    """
    with database(load()) as engine:
        wanted = _active(engine, asked)
        done = ask(lambda client: _start(client, wanted))
    audit.record("schedules trigger", started=done.started, running=done.running)
    left = f"at work already: {', '.join(done.running)}" if done.running else ""
    said = f"started: {', '.join(done.started)}" if done.started else ""
    show(done, "; ".join(part for part in (said, left) if part) or "No account is active.", as_json=as_json)


def _active(engine: Engine, asked: Asked) -> list[tuple[Job, Account]]:
    """Of a company the active accounts; one account that somebody named must be active."""
    with reading(engine) as connection:
        wanted = chosen(connection, asked)
    if asked.scope.account_id is not None:
        refuse_paused(wanted[0][1])
    return [(job, account) for job, account in wanted if account.is_active]


async def _start(client: Client, wanted: list[tuple[Job, Account]]) -> Started:
    await standstill.refuse(client)
    done = Started()
    for job, account in wanted:
        try:
            handle = await start_for_account(client, job, AccountRef.model_validate(account.model_dump()))
        except WorkflowAlreadyStartedError as error:
            done.running.append(error.workflow_id)
        else:
            done.started.append(handle.id)
    return done


def _named(job: str, account_id: int) -> str:
    return f"{job} for account {account_id}"
