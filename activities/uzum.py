"""The activity that pulls orders from Uzum."""

from datetime import UTC, datetime, timedelta

import httpx
from pydantic import AwareDatetime
from sqlalchemy import Engine
from temporalio import activity

from activities.sync_run import END, SyncRun, carry_out
from activities.wildberries import Clock
from sellermind.errors import Incomplete, MethodRefused, RecordGone, Refused, Unavailable, Unreadable
from sellermind.marketplaces.tokens import budget_key
from sellermind.marketplaces.uzum import UzumClient
from sellermind.models.accounts import Marketplace
from sellermind.models.limits import UZUM
from sellermind.models.orders import Stored
from sellermind.models.payload import Payload
from sellermind.models.sync import SyncAccount, SyncReport
from sellermind.models.uzum_orders import UZUM_STATUSES, UzumOrderPage
from sellermind.models.windows import Window
from sellermind.storage import cursors, shops, uzum_orders
from sellermind.storage.budgets import SellerBudget
from sellermind.storage.clock import database_now
from sellermind.storage.engine import reading, transaction
from sellermind.vault import TokenVault

# Orders of the other statuses are asked for whatever their age.
LATELY_ENDED = ("DELIVERED", "COMPLETED")
ENDED_LOOK_BACK = timedelta(days=7)
FIRST_LOOK_BACK = timedelta(days=30)
CANCELLED_LOOK_BACK = timedelta(days=90)
CANCELLED = ("CANCELED", "PENDING_CANCELLATION", "RETURNED")

# Uzum's clock may be ahead of ours: an order that was placed by its clock after our `until` is asked for too.
CLOCKS_APART = timedelta(days=1)

PATIENT_ATTEMPTS = 4
"""From this failed attempt of a run on, a status that cannot be read is left out, so that the others are."""


class StatusPlace(Payload):
    """Where a run is: which status and page, and which statuses it had to leave out; kept as the run's cursor."""

    until: AwareDatetime
    status: int = 0
    """Position in UZUM_STATUSES."""
    page: int = 0
    left_out: tuple[str, ...] = ()
    failures: int = 0
    """Attempts of the run that failed to read a page. Temporal counts those too that only gave their slot back."""
    shop_ids: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Uzum's name of the status."""
        return UZUM_STATUSES[self.status]

    def after(self, following: int | None) -> "StatusPlace":
        """The next page of this status, or the first one of the next status."""
        if following is not None:
            return self.model_copy(update={"page": following})
        return self.model_copy(update={"status": self.status + 1, "page": 0})

    @property
    def is_past_the_last(self) -> bool:
        """Whether every status has been asked for."""
        return self.status == len(UZUM_STATUSES)


class UzumActivities:
    """Steps that ask Uzum on behalf of one account and store what it says."""

    def __init__(
        self, engine: Engine, vault: TokenVault, http: httpx.Client, base_url: str, now: Clock = database_now
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._http = http
        self._base_url = base_url
        self._now = now

    @activity.defn(no_thread_cancel_exception=True)
    def pull_uzum_orders(self, job: SyncAccount) -> SyncReport:
        """Store the orders of all the account's shops, status by status; one left out of an answer is left as it is."""
        return carry_out(self._engine, job.account_id, self._pull)

    def _pull(self, run: SyncRun) -> None:
        client = self._client(run)
        while run.goes_on():
            place = self._place(run, client)
            if place.is_past_the_last:
                raise Incomplete(f"Uzum did not list the orders in {', '.join(place.left_out)}; all others are stored")
            self._store(run, place, self._read(run, client, place))

    def _client(self, run: SyncRun) -> UzumClient:
        token = run.token(self._vault)
        budget = run.waits_for(SellerBudget(self._engine, budget_key(token, Marketplace.UZUM), UZUM, self._now))
        return UzumClient(self._http, self._base_url, token, budget)

    def _own_shops(self, run: SyncRun, client: UzumClient) -> tuple[str, ...]:
        """The shops that Uzum says the token is for, as of this run."""
        listed = client.shops()
        with transaction(self._engine) as connection:
            shops.store(connection, run.account.id, listed)
            found = shops.list_ids(connection, run.account.id)
        if not found:
            raise Refused("Uzum names no shop for this token: create the token anew for your shops, or give --shop")
        return found

    def _place(self, run: SyncRun, client: UzumClient) -> StatusPlace:
        """Where the run is; one that begins finds out the shops, which then stay."""
        kept = run.progress.cursor
        place = StatusPlace.model_validate_json(kept) if kept else StatusPlace(until=datetime.now(UTC))
        if place.shop_ids:
            return place
        return place.model_copy(update={"shop_ids": run.account.shop_ids or self._own_shops(run, client)})

    def _window(self, run: SyncRun, place: StatusPlace) -> Window | None:
        """How far back to ask for a status; an order that is still open in our table is always within it."""
        if place.name not in (*CANCELLED, *LATELY_ENDED):
            return None
        with reading(self._engine) as connection:
            seen = cursors.watermark(connection, run.account.id, run.job)
            oldest = uzum_orders.oldest_open(connection, run.account.id)
        since = (seen - ENDED_LOOK_BACK) if seen else place.until - FIRST_LOOK_BACK
        if place.name in CANCELLED:
            since = place.until - CANCELLED_LOOK_BACK
        return Window(since=min(since, oldest) if oldest else since, until=place.until + CLOCKS_APART)

    def _read(self, run: SyncRun, client: UzumClient, place: StatusPlace) -> UzumOrderPage | None:
        """One page; None for a status that cannot be read, which must not keep the others from being read."""
        try:
            return client.orders(place.shop_ids, place.name, place.page, self._window(run, place))
        except (MethodRefused, RecordGone, Refused) as refusal:
            activity.logger.warning("status %s is left out: %s", place.name, refusal.message)
        except (Unavailable, Unreadable) as failure:
            if place.failures + 1 < PATIENT_ATTEMPTS:
                run.keep(place.model_copy(update={"failures": place.failures + 1}).model_dump_json())
                raise
            activity.logger.warning("status %s is left out: %s", place.name, failure.message)
        return None

    def _store(self, run: SyncRun, place: StatusPlace, page: UzumOrderPage | None) -> None:
        following = place.after(page.next if page else None)
        if page is None:
            following = following.model_copy(update={"left_out": (*place.left_out, place.name)})
        complete = following.is_past_the_last and not following.left_out
        with transaction(self._engine) as connection:
            stored = uzum_orders.store(connection, run.account.id, page) if page else Stored()
            if complete:
                cursors.move_watermark(connection, run.account.id, run.job, place.until)
            cursor = END if complete else following.model_dump_json()
            run.advance(connection, cursor, stored, len(page.orders) if page else 0, page.set_aside if page else ())
