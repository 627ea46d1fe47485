"""Activities that pull from Wildberries."""

from collections.abc import Callable

import httpx
from sqlalchemy import ColumnElement, Engine
from temporalio import activity

from activities.sync_run import SyncRun, carry_out
from sellermind.marketplaces.tokens import budget_key
from sellermind.marketplaces.wildberries import WildberriesClient
from sellermind.models.limits import WILDBERRIES
from sellermind.models.sync import SyncAccount, SyncProgress, SyncReport
from sellermind.storage import accounts, orders
from sellermind.storage.budgets import SellerBudget
from sellermind.storage.clock import database_now
from sellermind.storage.engine import transaction
from sellermind.vault import TokenVault

Clock = Callable[[], ColumnElement[int]]


class WildberriesActivities:
    """Steps that ask Wildberries on behalf of one account and store what it says."""

    def __init__(
        self, engine: Engine, vault: TokenVault, http: httpx.Client, base_url: str, now: Clock = database_now
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._http = http
        self._base_url = base_url
        self._now = now

    # The thread is never interrupted from outside: a commit cut in half by an exception could leave its
    # connection in an unknown state. Every blocking call has a timeout instead.
    @activity.defn(no_thread_cancel_exception=True)
    def pull_new_wildberries_orders(self, job: SyncAccount) -> SyncReport:
        """Store all orders that Wildberries shows as new; an order missing from the answer means nothing."""
        return carry_out(self._engine, job.account_id, self._pull_new_orders)

    def _pull_new_orders(self, run: SyncRun) -> SyncReport:
        if run.progress.counts.pages:  # this run's one page is stored: a worker died between commit and completion
            return run.progress.counts
        listed = self._client(run.account.id).new_orders()
        with transaction(self._engine) as connection:
            stored = orders.store_wildberries(connection, run.account.id, listed)
            set_aside = (*listed.set_aside, *stored.set_aside)
            counts = run.progress.counts.plus_page(
                fetched=len(listed.orders), created=stored.created, changed=stored.changed, set_aside=len(set_aside)
            )
            run.advance(connection, SyncProgress(counts=counts))
        run.report_set_aside(set_aside)
        return counts

    def _client(self, account_id: int) -> WildberriesClient:
        """A client with the account's token and the rate budget of the token's seller."""
        with transaction(self._engine) as connection:
            token = self._vault.open(accounts.token_cipher(connection, account_id))
        budget = SellerBudget(self._engine, budget_key(token), WILDBERRIES, self._now)
        return WildberriesClient(self._http, self._base_url, token, budget)
