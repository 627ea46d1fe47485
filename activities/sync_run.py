"""The frame around every sync of one account: its log row, its heartbeat, and what each kind of failure means."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine
from temporalio import activity

from activities.heartbeat import beating
from sellermind.errors import AccessRevoked, Incomplete, MethodRefused, Permanent, Throttled, Unavailable
from sellermind.models.accounts import Account
from sellermind.models.orders import SetAside, Stored
from sellermind.models.sync import OpenRun, SyncProgress, SyncReport
from sellermind.storage import accounts, cursors, issues
from sellermind.storage.budgets import SellerBudget
from sellermind.storage.engine import reading, transaction
from sellermind.vault import TokenVault

# A shorter wait is waited out inside the run, by Temporal's retry, which holds no slot. A longer one ends the run:
# the ticks leave the account alone until then (docs/decisions/0003).
LONGEST_WAIT = timedelta(minutes=5)

# A method that a token may not call is asked again so often; each refusal costs the seller ten calls. Renewing the
# token or `account resume` ends the pause at once.
METHOD_PAUSE = timedelta(hours=1)

MOST_PAGES = 2000

END = "end"
"""Cursor of a run whose last page is stored."""


class SyncRun:
    """One account's sync in one workflow run; a retried activity finds the progress of the attempt before."""

    def __init__(self, engine: Engine, account: Account, job: str, run_id: str, progress: SyncProgress) -> None:
        self.account = account
        self.job = job
        self.run_id = run_id
        self.progress = progress
        self.left_out: str | None = None
        """What this run has to do without, and why; it succeeds all the same."""
        self._engine = engine
        self._token_cipher: str | None = None
        self._budget: SellerBudget | None = None

    def token(self, vault: TokenVault) -> str:
        """The account's token, in the clear.

        Raises:
            AccessRevoked: the account has none.
        """
        with reading(self._engine) as connection:
            self._token_cipher = accounts.token_cipher(connection, self.account.id)
        return vault.open(self._token_cipher)

    def waits_for(self, budget: SellerBudget) -> SellerBudget:
        """Count what this attempt sleeps for its seller's rate budget."""
        self._budget = budget
        return budget

    def goes_on(self) -> bool:
        """Whether there is another page to pull; ask before each.

        Raises:
            Throttled: the attempt has slept as long as it may; it goes on with the page that comes next.
            Unavailable: this worker is stopping; another one goes on with the page that comes next.
            Incomplete: so many pages that the listing must be going round in circles.
        """
        if self.progress.cursor == END:
            return False
        if self.progress.counts.pages >= MOST_PAGES:
            raise Incomplete(f"stopped after {MOST_PAGES} pages: the listing goes round in circles")
        if activity.is_worker_shutdown() or activity.is_cancelled():
            raise Unavailable("the worker is stopping", retry_after=timedelta(seconds=1))
        if self._budget:
            self._budget.next_page()
        return True

    def keep(self, cursor: str) -> None:
        """Keep a place without a page.

        Raises:
            Unavailable: another worker has gone on with the run while this one was frozen.
        """
        following = SyncProgress(cursor=cursor, counts=self.progress.counts)
        with transaction(self._engine) as connection:
            self._move(connection, following)

    def advance(
        self, connection: Connection, cursor: str, stored: Stored, fetched: int, set_aside: tuple[SetAside, ...] = ()
    ) -> None:
        """Count a page and keep the progress, in the transaction that stores the page.

        Args:
            connection: the page's transaction.
            cursor: where the next page starts; END after the last one.
            stored: what storing the page did.
            fetched: readable rows of the page.
            set_aside: rows that could not be read; which ones is said in the log, what they held is not.

        Raises:
            Unavailable: another worker has gone on with the run while this one was frozen.
        """
        kept_out = (*set_aside, *stored.set_aside)
        counts = self.progress.counts.plus_page(fetched=fetched, stored=stored, set_aside=len(kept_out))
        self._move(connection, SyncProgress(cursor=cursor, counts=counts))
        for row in kept_out:
            activity.logger.warning("row set aside: id %s: %s", row.external_id, row.reason)

    def _move(self, connection: Connection, following: SyncProgress) -> None:
        cursors.advance(connection, self.key, self.progress, following)
        self.progress = following

    @property
    def key(self) -> OpenRun:
        """Which run it is."""
        return OpenRun(account_id=self.account.id, job=self.job, run_id=self.run_id)

    def used_the_stored_token(self, connection: Connection) -> bool:
        """False if the seller has renewed the token since this run read it: then its refusal is old news."""
        return self._token_cipher in (None, accounts.token_cipher(connection, self.account.id))


def carry_out(engine: Engine, account_id: int, sync: Callable[[SyncRun], None]) -> SyncReport:
    """Run an account's sync inside an activity and write down how it ended.

    Args:
        engine: the database.
        account_id: row of `marketplace_accounts`.
        sync: pulls and stores, page by page, until its run goes on no more.

    Returns:
        What was done; `stopped` if the account was paused before this attempt. That is no failure: somebody wanted it,
        and `queue failed` is for what nobody wanted.

    Raises:
        Throttled: the marketplace asks for a wait of at most LONGEST_WAIT; Temporal tries again after it.
        AccessRevoked: the account is paused now, and its issue row says what the marketplace said.
        Permanent: as the sync raised it; the sync log says the same.
        Unavailable: as the sync raised it; or another worker has gone on with the run while this one was frozen.
    """
    with beating():
        run = _begin(engine, account_id)
        if isinstance(run, SyncReport):
            return run
        try:
            sync(run)
        except Throttled as throttled:
            if throttled.retry_after <= LONGEST_WAIT:
                raise
            return _hold_back(engine, run, throttled)
        except Permanent as failure:
            _fail(engine, run, failure)
            raise
        with transaction(engine) as connection:
            now = datetime.now(UTC)
            if cursors.finish(connection, run.key, run.progress, now, run.left_out) and not run.left_out:
                issues.resolve(connection, account_id, run.job)
            accounts.record_success(connection, account_id, now)
        return run.progress.counts


def _begin(engine: Engine, account_id: int) -> SyncRun | SyncReport:
    """Open the run, or the run of the attempt before; the report of one that must not go on."""
    job, run_id = str(activity.info().workflow_type), str(activity.info().workflow_run_id)
    now = datetime.now(UTC)
    with transaction(engine) as connection:
        account = accounts.get(connection, account_id)
        if account.obstacle:
            cursors.stop(connection, OpenRun(account_id=account_id, job=job, run_id=run_id), account.obstacle, now)
            return SyncReport(stopped=account.obstacle)
        progress = cursors.open_run(connection, account_id, job, run_id, now)
    return SyncRun(engine, account, job, run_id, progress)


def _hold_back(engine: Engine, run: SyncRun, throttled: Throttled) -> SyncReport:
    """End the run early; the next ticks leave the account's job alone until the wait is over."""
    now = datetime.now(UTC)
    not_before = now + throttled.retry_after
    with transaction(engine) as connection:
        cursors.hold_back(connection, run.key, run.progress, not_before, throttled.message, now)
    return run.progress.counts.model_copy(update={"not_before": not_before})


def _fail(engine: Engine, run: SyncRun, failure: Permanent) -> None:
    """Close the sync log. A revoked token also pauses the account, a refused method this job; an issue says why."""
    account_id, now = run.account.id, datetime.now(UTC)
    with transaction(engine) as connection:
        if isinstance(failure, MethodRefused):
            cursors.hold_back(connection, run.key, run.progress, now + METHOD_PAUSE, failure.message, now)
            issues.open_or_count(connection, account_id, "insufficient_permissions", failure.message, job=run.job)
            return
        cursors.fail(connection, run.key, run.progress, failure.message, now)
        if isinstance(failure, AccessRevoked) and run.used_the_stored_token(connection):
            accounts.revoke(connection, account_id)
            said, request_id = failure.message, failure.request_id
            issues.open_or_count(connection, account_id, "token_invalid", said, request_id=request_id)
