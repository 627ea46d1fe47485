"""`sellermind schedules backfill`: read a span of time anew."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import click
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError

from ops import audit
from ops.database import database
from ops.job_names import job_named
from ops.maintenance import standstill
from ops.outcome import ExitCode, VerbFailed
from ops.output import json_option, show
from ops.queues.filters import Span
from ops.temporal import ask
from schedules.start import start_for_account
from sellermind.models.accounts import Account, AccountRef
from sellermind.settings import load
from sellermind.storage import accounts, cursors
from sellermind.storage.engine import reading, transaction
from workflows.catalog import Job
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
@click.argument("job_name", metavar="JOB")
@click.option("--since", type=Span(), required=True, help="How far back: 14d, 48h.")
@click.option("--account", "account_id", type=int, help="Only this account; else every active one of the marketplace.")
@click.option("--dry-run", is_flag=True, help="Say which accounts it would read, and do nothing.")
@json_option
def backfill(*, job_name: str, since: timedelta, account_id: int | None, dry_run: bool, as_json: bool) -> None:
    """Let JOB read everything since then anew, now: for orders that something else has spoilt or removed."""
    job = job_named(job_name)
    if job.workflow not in BY_WINDOWS:
        raise VerbFailed(
            ExitCode.REFUSED,
            f"{job.name} reads all there is at every tick: `sellermind schedules trigger {job.name}` is enough.",
        )
    with database(load()) as engine:
        wanted = _accounts(engine, job, account_id)
        if dry_run:
            ids = [account.id for account in wanted]
            show({"would_read": ids}, f"{job.name} would read {len(ids)} accounts anew: {ids}.", as_json=as_json)
            return
        moment = datetime.now(UTC) - since
        done = ask(lambda client: _start(client, engine, job, wanted, moment))
    audit.record("schedules backfill", job=job.name, since=moment, started=done.started, running=done.running)
    left = f"; at work already, repeat it later: {done.running}" if done.running else ""
    show(done, f"{job.name} reads {len(done.started)} accounts anew: {done.started}{left}.", as_json=as_json)


def _accounts(engine: Engine, job: Job, account_id: int | None) -> list[Account]:
    """The accounts to read.

    Raises:
        RecordGone: there is no such account.
        VerbFailed: it is paused, or another marketplace's (REFUSED).
    """
    with reading(engine) as connection:
        if account_id is None:
            found = accounts.list_accounts(connection, marketplace=job.marketplace)
            return [account for account in found if account.is_active]
        account = accounts.get(connection, account_id)
    if account.marketplace is not job.marketplace or not account.is_active:
        state = account.marketplace.value if account.is_active else "paused"
        raise VerbFailed(ExitCode.REFUSED, f"{job.name} does not read account {account_id}: it is {state}.")
    return [account]


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
