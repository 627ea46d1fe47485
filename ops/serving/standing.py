"""How the service stands now: queues and runs from Temporal, freshness from the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from temporalio.client import Client

from ops.accounts.states import token_ends
from ops.queues.overview import Overview
from schedules.specs import cadence
from sellermind.models.accounts import Account
from sellermind.models.sync import Freshness
from sellermind.settings import Settings
from sellermind.storage import accounts, agent_runs, cursors, issues
from sellermind.storage.engine import reading
from sellermind.vault import TokenVault
from workflows.catalog import JOBS, SCHEDULED

STALE_AFTER = 3
"""Ticks that may pass without a success before an account's job is called stale."""


@dataclass(frozen=True)
class Records:
    """What the database says."""

    waiting: frozenset[int]
    """Agent runs that wait for a person."""
    syncs: Sequence[Freshness]
    """The jobs of active accounts."""
    stale: int
    """How many of those, or of those that never ran, had no success for three ticks."""
    token_ends: Mapping[int, datetime]
    """When the tokens of active accounts end, where they say so."""
    refused: frozenset[int]
    """Accounts whose token the marketplace refuses."""


@dataclass(frozen=True)
class Standing:
    """One look at everything."""

    overview: Overview
    paused_schedules: Mapping[str, bool]
    """By the schedule's id, whether it is paused."""
    records: Records
    checked_at: datetime


def read_records(engine: Engine, settings: Settings) -> Records:
    """Ask the database.

    Raises:
        Misconfigured: a key of the tokens is malformed.
        Unavailable: it does not answer.
    """
    now, vault = datetime.now(UTC), TokenVault(settings.secret_keys, settings.laravel_app_key)
    with reading(engine) as connection:
        active = {account.id: account for account in accounts.list_accounts(connection) if account.is_active}
        syncs = [sync for sync in cursors.freshness(connection) if sync.account_id in active]
        waiting = agent_runs.waiting_for_approval(connection)
        ends = token_ends(connection, vault, active)
        refused = issues.with_refused_tokens(connection)
    fresh = {(sync.account_id, sync.job): sync.succeeded_at for sync in syncs}
    stale = sum(_stale(account, fresh, settings, now) for account in active.values())
    return Records(waiting, syncs, stale, ends, refused)


async def paused_schedules(client: Client) -> dict[str, bool]:
    """Whether each schedule of the catalog that is applied is paused.

    Raises:
        RPCError: the server does not answer.
    """
    ours = {job.name for job in SCHEDULED}
    listed = [one async for one in await client.list_schedules()]
    return {one.id: one.schedule.state.paused for one in listed if one.id in ours and one.schedule}


def _stale(account: Account, fresh: dict[tuple[int, str], datetime | None], settings: Settings, now: datetime) -> int:
    """How many jobs of an account are stale; a new account has its first ticks to become fresh."""
    stale = 0
    for job in JOBS:
        if job.marketplace is account.marketplace:
            last = fresh.get((account.id, job.name)) or account.created_at or now
            stale += last < now - STALE_AFTER * cadence(job, settings) - timedelta(minutes=1)
    return stale
