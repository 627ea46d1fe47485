"""The frame around every sync of one account: its log row, its heartbeat, and what each kind of failure means."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine
from temporalio import activity

from activities.heartbeat import beating
from sellermind.errors import AccessRevoked, Permanent, Refused, Throttled
from sellermind.models.accounts import Account
from sellermind.models.orders import SetAside
from sellermind.models.sync import SyncProgress, SyncReport
from sellermind.storage import accounts, cursors, issues
from sellermind.storage.engine import transaction

# A shorter wait is waited out inside the run, by Temporal's retry, which holds no slot. A longer one ends the run:
# the ticks leave the account alone until then (docs/decisions/0003).
LONGEST_WAIT = timedelta(minutes=5)


@dataclass(frozen=True)
class SyncRun:
    """One account's sync in one workflow run; a retried activity finds the progress of the attempt before."""

    account: Account
    job: str
    progress: SyncProgress

    def advance(self, connection: Connection, progress: SyncProgress) -> None:
        """Keep the progress, in the transaction that stores the page it counts."""
        cursors.advance(connection, self.account.id, self.job, progress)

    def report_set_aside(self, rows: tuple[SetAside, ...]) -> None:
        """Say which rows could not be read and why; their content stays out of the log."""
        for row in rows:
            activity.logger.warning("row set aside: id %s: %s", row.external_id, row.reason)


def carry_out(engine: Engine, account_id: int, sync: Callable[[SyncRun], SyncReport]) -> SyncReport:
    """Run an account's sync inside an activity and write down how it ended.

    Args:
        engine: the database.
        account_id: row of `marketplace_accounts`.
        sync: pulls and stores, page by page.

    Raises:
        Throttled: the marketplace asks for a wait of at most LONGEST_WAIT; Temporal tries again after it.
        AccessRevoked: the account is paused now, and its issue row says what the marketplace said.
        Permanent: as the sync raised it; the sync log says the same.
    """
    with beating():
        run = _begin(engine, account_id)
        try:
            report = sync(run)
        except Throttled as throttled:
            if throttled.retry_after <= LONGEST_WAIT:
                raise
            return _hold_back(engine, run, throttled)
        except Permanent as failure:
            _fail(engine, run, failure)
            raise
        with transaction(engine) as connection:
            now = datetime.now(UTC)
            cursors.finish(connection, run.account.id, run.job, report, now)
            accounts.record_success(connection, run.account.id, now)
        return report


def _begin(engine: Engine, account_id: int) -> SyncRun:
    job, run_id = str(activity.info().workflow_type), str(activity.info().workflow_run_id)
    with transaction(engine) as connection:
        account = accounts.get(connection, account_id)
        if not account.is_active:
            raise Refused(f"Account {account_id} is paused; `sellermind account resume {account_id}` ends that.")
        progress = cursors.open_run(connection, account_id, job, run_id, datetime.now(UTC))
    return SyncRun(account, job, progress)


def _hold_back(engine: Engine, run: SyncRun, throttled: Throttled) -> SyncReport:
    """End the run without data; the next ticks leave the account alone until the wait is over."""
    now = datetime.now(UTC)
    not_before = now + throttled.retry_after
    with transaction(engine) as connection:
        cursors.hold_back(connection, run.account.id, run.job, not_before, throttled.message, now)
    return SyncReport(not_before=not_before)


def _fail(engine: Engine, run: SyncRun, failure: Permanent) -> None:
    """Close the sync log; a revoked token also pauses the account and opens (or counts up) an issue."""
    with transaction(engine) as connection:
        cursors.fail(connection, run.account.id, run.job, failure.message, datetime.now(UTC))
        if isinstance(failure, AccessRevoked):
            accounts.revoke(connection, run.account.id)
            issues.open_or_count(connection, run.account.id, "token_invalid", failure.message, failure.request_id)
