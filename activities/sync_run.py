"""The frame around every sync of one account: its log row, its heartbeat, and what each kind of failure means."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sellermind.storage.engine import transaction
from sqlalchemy import Engine
from temporalio import activity

from activities.heartbeat import beating
from sellermind.errors import AccessRevoked, Permanent, Refused, Throttled
from sellermind.models.accounts import Account
from sellermind.models.sync import SyncProgress, SyncReport
from sellermind.storage import accounts, cursors, issues

# A shorter wait is waited out inside the run, by Temporal's retry, which holds no slot. A longer one ends the run:
# the account is left alone until then by the ticks (docs/decisions/0003).
LONGEST_WAIT = timedelta(minutes=5)


class SyncRun:
    """One account's sync in one workflow run; a retried activity finds the progress of the attempt before."""

    def __init__(self, engine: Engine, account_id: int) -> None:
        self._engine = engine
        self._account_id = account_id
        self._job = activity.info().workflow_type
        self._run_id = activity.info().workflow_run_id

    def carry_out(self, sync: Callable[[Account, SyncProgress], SyncReport]) -> SyncReport:
        """Run the sync and write down how it ended.

        Args:
            sync: pulls and stores; gets the account and the progress made so far.

        Raises:
            Throttled: wait and try again (at most LONGEST_WAIT).
            AccessRevoked: the account is paused now and its issue row names the reason.
            Permanent: as the sync raised it, written into the sync log.
        """
        with beating():
            account, progress = self._begin()
            try:
                report = sync(account, progress)
            except Throttled as throttled:
                if throttled.retry_after <= LONGEST_WAIT:
                    raise
                return self._hold_back(throttled)
            except Permanent as failure:
                self._fail(failure)
                raise
            with transaction(self._engine) as connection:
                now = datetime.now(UTC)
                cursors.finish(connection, self._account_id, self._job, report, now)
                accounts.record_success(connection, self._account_id, now)
            return report

    def _begin(self) -> tuple[Account, SyncProgress]:
        with transaction(self._engine) as connection:
            account = accounts.get(connection, self._account_id)
            if not account.is_active:
                raise Refused(
                    f"Account {account.id} is paused; `sellermind account resume {account.id}` starts it again."
                )
            progress = cursors.open_run(connection, account.id, self._job, self._run_id, datetime.now(UTC))
        return account, progress

    def _hold_back(self, throttled: Throttled) -> SyncReport:
        """End the run without data; the next ticks leave the account alone until the wait is over."""
        now = datetime.now(UTC)
        not_before = now + throttled.retry_after
        with transaction(self._engine) as connection:
            cursors.hold_back(connection, self._account_id, self._job, not_before, str(throttled), now)
        return SyncReport(not_before=not_before)

    def _fail(self, failure: Permanent) -> None:
        """Close the sync log; a revoked token also pauses the account and opens (or counts up) an issue."""
        with transaction(self._engine) as connection:
            cursors.fail(connection, self._account_id, self._job, str(failure), datetime.now(UTC))
            if isinstance(failure, AccessRevoked):
                accounts.pause(connection, self._account_id)
                issues.open_or_count(connection, self._account_id, "token_invalid", failure.message, failure.request_id)
