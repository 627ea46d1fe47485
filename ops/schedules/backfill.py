"""`sellermind schedules backfill`: read a span of time anew."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import click
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError

from ops import audit
from ops.accounts.states import refuse_paused
from ops.database import database
from ops.job_names import begun, scheduled_job
from ops.maintenance import standstill
from ops.outcome import ExitCode, VerbFailed
from ops.output import json_option, numbered, show
from ops.queues.filters import Span
from ops.schedules.scope import Scope, accounts_of, scope_options
from ops.temporal import ask
from schedules.start import start_for_account
from sellermind.models.accounts import Account, AccountRef
from sellermind.settings import load
from sellermind.storage import cursors
from sellermind.storage.engine import reading, transaction
from workflows.catalog import Chore, Job
from workflows.reconcile_wildberries_orders import ReconcileWildberriesOrders
from workflows.sync_uzum_orders import SyncUzumOrders

BY_WINDOWS = (ReconcileWildberriesOrders, SyncUzumOrders)
"""Jobs that read what has changed since they last saw everything; the others read all there is, each time."""


@dataclass(frozen=True)
class Backfilled:
    """Account ids by what happened to them."""

    started: list[int] = field(default_factory=list)
    running: list[int] = field(default_factory=list)
    """At work already: that run's end would undo the backfill, so they were left alone."""


@click.command()
@click.argument("job_name", metavar="JOB", shell_complete=begun)
@click.option("--since", type=Span(), required=True, help="How far back: 14d, 48h.")
@scope_options
@click.option("--dry-run", is_flag=True, help="Say which accounts it would read, and do nothing.")
@json_option
def backfill(
    *,
    job_name: str,
    since: timedelta,
    account_id: int | None,
    company_id: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Let JOB read everything since then anew, now: for orders that something else has spoilt or removed."""
    job = _windowed(scheduled_job(job_name))
    with database(load()) as engine:
        wanted = _accounts(engine, job, Scope(account_id, company_id))
        if dry_run:
            ids = [account.id for account in wanted]
            show(
                {"would_read": ids},
                f"{job.name} would read {numbered(len(ids), 'account')} anew{_listed(ids)}.",
                as_json=as_json,
            )
            return
        moment = datetime.now(UTC) - since
        done = ask(lambda client: _start(client, engine, job, wanted, moment))
    audit.record("schedules backfill", job=job.name, since=moment, started=done.started, running=done.running)
    left = f"; at work already, repeat it later{_listed(done.running)}" if done.running else ""
    begun = f"{numbered(len(done.started), 'account')} anew{_listed(done.started)}"
    show(done, f"{job.name} reads {begun}{left}.", as_json=as_json)


def _listed(ids: Sequence[int]) -> str:
    return f": {', '.join(map(str, ids))}" if ids else ""


def _windowed(job: Job | Chore) -> Job:
    if isinstance(job, Chore) or job.workflow not in BY_WINDOWS:
        raise VerbFailed(
            ExitCode.REFUSED,
            f"{job.name} reads all there is at every tick: `sellermind schedules trigger {job.name}` is enough.",
        )
    return job


def _accounts(engine: Engine, job: Job, scope: Scope) -> list[Account]:
    """The active accounts to read.

    Raises:
        RecordGone: there is no such account.
        VerbFailed: the one that was named is paused, or another marketplace's (REFUSED); the company has none for the
            job (NOT_FOUND).
    """
    with reading(engine) as connection:
        found = accounts_of(connection, job, scope)
    if scope.account_id is not None:
        refuse_paused(found[0])
    if scope and not found:
        raise VerbFailed(ExitCode.NOT_FOUND, f"Company {scope.company_id} has no account for {job.name}.")
    return [account for account in found if account.is_active]


async def _start(client: Client, engine: Engine, job: Job, wanted: list[Account], moment: datetime) -> Backfilled:
    await standstill.refuse(client)
    done = Backfilled()
    for account in wanted:
        with transaction(engine) as connection:
            cursors.look_back(connection, account.id, job.name, moment)
        named = AccountRef.model_validate(account.model_dump())
        try:
            await start_for_account(client, job, named)
        except WorkflowAlreadyStartedError:
            done.running.append(account.id)
        else:
            done.started.append(account.id)
    return done
