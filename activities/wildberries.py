"""Activities that pull orders and their statuses from Wildberries."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
from sqlalchemy import ColumnElement, Engine
from temporalio import activity

from activities.listing_place import ListingPlace
from activities.sync_run import END, SyncRun, carry_out
from sellermind.errors import Incomplete, Refused
from sellermind.marketplaces.tokens import budget_key
from sellermind.marketplaces.wildberries import LARGEST_STATUS_CHUNK, WildberriesClient
from sellermind.models.limits import WILDBERRIES
from sellermind.models.orders import NO_STATUSES, OrderPage
from sellermind.models.sync import SyncAccount, SyncReport
from sellermind.storage import cursors, orders, statuses
from sellermind.storage.budgets import SellerBudget
from sellermind.storage.clock import database_now
from sellermind.storage.engine import reading, transaction
from sellermind.vault import TokenVault

Clock = Callable[[], ColumnElement[int]]

# Wildberries lists orders of the last three months only. Later runs look back far enough for an order that reached
# the listing late, or whose creation our clock put elsewhere.
OLDEST_LISTED = timedelta(days=89)
LOOK_BACK = timedelta(days=3)
# Wildberries' clock may be ahead of ours: orders that were placed by its clock after our "now" are asked for too.
# Not for a whole day: with OLDEST_LISTED it fits into three windows, and a fourth would cost every seller a call.
CLOCKS_APART = timedelta(hours=22)


@dataclass(frozen=True)
class WildberriesSellers:
    """Gives the client of an account: its token, and the rate budget of the token's seller."""

    engine: Engine
    vault: TokenVault
    http: httpx.Client
    base_url: str
    now: Clock = database_now

    def client(self, run: SyncRun) -> WildberriesClient:
        """A client for the account of a run."""
        token = run.token(self.vault)
        budget = run.waits_for(SellerBudget(self.engine, budget_key(token), WILDBERRIES, self.now))
        return WildberriesClient(self.http, self.base_url, token, budget)


class WildberriesActivities:
    """Steps that ask Wildberries on behalf of one account and store what it says."""

    def __init__(self, engine: Engine, sellers: WildberriesSellers) -> None:
        self._engine = engine
        self._sellers = sellers

    # No activity's thread is interrupted from outside: a commit cut in half by an exception could leave its
    # connection in an unknown state. Every blocking call has a timeout, and a run looks up between its pages.
    @activity.defn(no_thread_cancel_exception=True)
    def pull_new_wildberries_orders(self, job: SyncAccount) -> SyncReport:
        """Store all orders that Wildberries shows as new; an order missing from the answer means nothing."""
        return carry_out(self._engine, job.account_id, self._pull_new_orders)

    @activity.defn(no_thread_cancel_exception=True)
    def update_wildberries_order_statuses(self, job: SyncAccount) -> SyncReport:
        """Ask the statuses of all open orders, 1,000 a call; an order missing from an answer keeps its own."""
        return carry_out(self._engine, job.account_id, self._update_statuses)

    @activity.defn(no_thread_cancel_exception=True)
    def reconcile_wildberries_orders(self, job: SyncAccount) -> SyncReport:
        """Read the order listing, window by window, for orders that never showed as new, and ask their statuses."""
        return carry_out(self._engine, job.account_id, self._reconcile)

    def _pull_new_orders(self, run: SyncRun) -> None:
        if run.goes_on():
            listed = self._sellers.client(run).new_orders()
            with transaction(self._engine) as connection:
                stored = orders.store_wildberries(connection, run.account.id, listed)
                run.advance(connection, END, stored, len(listed.orders), listed.set_aside)

    def _update_statuses(self, run: SyncRun) -> None:
        """A chunk begins after the last row of the one before: what the poll changes shifts nothing."""
        client = self._sellers.client(run)
        while run.goes_on():
            with reading(self._engine) as connection:
                chunk = statuses.open_wildberries(connection, run.account.id, int(run.progress.cursor or 0))
            listed = client.statuses(chunk.order_ids) if chunk.order_ids else NO_STATUSES
            with transaction(self._engine) as connection:
                stored = statuses.store_wildberries(connection, run.account.id, listed)
                following = END if chunk.last_row_id is None else str(chunk.last_row_id)
                run.advance(connection, following, stored, len(listed.statuses), listed.set_aside)

    def _reconcile(self, run: SyncRun) -> None:
        """One page of one window at a time, together with the statuses of the orders that nobody has asked yet."""
        client = self._sellers.client(run)
        while run.goes_on():
            place, page = self._page(run, client)
            unread = self._unread(run, page)
            listed = client.statuses(unread) if unread else NO_STATUSES
            following = place.after(page.next)
            with transaction(self._engine) as connection:
                stored = orders.store_wildberries(connection, run.account.id, page, listed)
                if following is None and place.asks_for_all:
                    cursors.move_watermark(connection, run.account.id, run.job, place.until - CLOCKS_APART)
                run.advance(
                    connection,
                    END if following is None else following.model_dump_json(),
                    stored,
                    len(page.orders),
                    (*page.set_aside, *listed.set_aside),
                )
            if following is None and not place.asks_for_all:
                raise Incomplete("Wildberries refuses dates: orders of more than 30 days ago were not asked for")

    def _unread(self, run: SyncRun, page: OrderPage) -> tuple[int, ...]:
        """The page's orders whose status nobody has read yet, as many as one call may ask."""
        if not page.orders:
            return ()
        with reading(self._engine) as connection:
            return statuses.unread_wildberries(connection, run.account.id, page.orders)[:LARGEST_STATUS_CHUNK]

    def _page(self, run: SyncRun, client: WildberriesClient) -> tuple[ListingPlace, OrderPage]:
        """The next page and its place; without dates if those are refused (docs/behaviours.md, 25)."""
        place = self._place(run)
        try:
            return place, client.orders(place.cursor, None if place.undated else place.window)
        except Refused as refusal:
            if place.undated:
                raise
            activity.logger.warning("asked again without dates: %s", refusal.message)
        undated = place.without_dates()
        run.keep(undated.model_dump_json())
        return undated, client.orders(undated.cursor, None)

    def _place(self, run: SyncRun) -> ListingPlace:
        """Where the run is in its listing; a run that begins chooses its span, which then stays."""
        if run.progress.cursor:
            return ListingPlace.model_validate_json(run.progress.cursor)
        now = datetime.now(UTC)
        oldest = now - OLDEST_LISTED
        with reading(self._engine) as connection:
            seen = cursors.watermark(connection, run.account.id, run.job)
            # Once a day everything is read again: an answer that was empty and wrong hides nothing for longer.
            since = seen - LOOK_BACK if seen and seen.date() == now.date() else oldest
            unsettled = statuses.oldest_unsettled(connection, run.account.id, since)
        since = max(oldest, min(since, unsettled or since))
        return ListingPlace(since=since, until=now + CLOCKS_APART)
