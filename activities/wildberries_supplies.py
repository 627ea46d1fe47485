"""The activity that pulls supplies, their orders and their boxes from Wildberries."""

from datetime import UTC, datetime

from sqlalchemy import Engine
from temporalio import activity

from activities.sync_run import END, SyncRun, carry_out
from activities.wildberries import WildberriesSellers
from sellermind.errors import MethodRefused, RecordGone, Refused
from sellermind.marketplaces.wildberries import WildberriesClient
from sellermind.models.accounts import IssueKind
from sellermind.models.orders import Stored
from sellermind.models.supplies import SupplyContents, SupplyPage, WantedSupply
from sellermind.models.sync import SyncAccount, SyncReport
from sellermind.storage import issues, supplies, supply_contents
from sellermind.storage.engine import reading, transaction

LISTING = "listing"
LISTING_WITH_A_GAP = "gap"
CONTENTS = "contents"
WITHOUT_BOXES = "orders"
"""Parts of a run, as its cursor names them: the second after an empty page, the last after a refusal of boxes."""


class WildberriesSupplyActivities:
    """Steps that ask Wildberries for supplies: first the listing, then what is in those that may still change."""

    def __init__(self, engine: Engine, sellers: WildberriesSellers) -> None:
        self._engine = engine
        self._sellers = sellers

    @activity.defn(no_thread_cancel_exception=True)
    def pull_wildberries_supplies(self, job: SyncAccount) -> SyncReport:
        """Store all supplies, and the orders and boxes of those that are open or lately closed."""
        return carry_out(self._engine, job.account_id, self._pull)

    def _pull(self, run: SyncRun) -> None:
        client = self._sellers.client(run)
        while run.goes_on():
            part, _, position = (run.progress.cursor or f"{LISTING}:0").partition(":")
            if part == WITHOUT_BOXES:
                run.left_out = "Wildberries refuses to list boxes: the account's issue says how"
            if part in {LISTING, LISTING_WITH_A_GAP}:
                self._pull_page(run, client, part, int(position))
            else:
                self._pull_contents(run, client, part, int(position))

    def _pull_page(self, run: SyncRun, client: WildberriesClient, part: str, cursor: int) -> None:
        page = client.supplies(cursor)
        following = _following(part, page)
        with transaction(self._engine) as connection:
            stored = supplies.store(connection, run.account.id, page, run.run_id)
            if following is None and part == LISTING:  # what a gap held may be there still: then nothing is missing
                supplies.finish_listing(connection, run.account.id, run.run_id)
            run.advance(connection, following or f"{CONTENTS}:0", stored, len(page.supplies), page.set_aside)

    def _pull_contents(self, run: SyncRun, client: WildberriesClient, part: str, after_row_id: int) -> None:
        """Orders and boxes of the next supply that may still change."""
        with reading(self._engine) as connection:
            now, with_boxes = datetime.now(UTC), part == CONTENTS
            found = supplies.wanted(connection, run.account.id, now, after_row_id, limit=1, for_boxes=with_boxes)
        orders = _orders_of(client, found[0]) if found else None
        boxes, refused = _boxes_of(client, found[0]) if orders and with_boxes else (None, None)
        with transaction(self._engine) as connection:
            linked = supply_contents.link_orders(connection, run.account.id, orders) if orders else Stored()
            packed = supply_contents.store_boxes(connection, run.account.id, boxes) if boxes else Stored()
            stored = linked.model_copy(update={"changed": linked.changed + packed.created})
            if refused:
                issues.open_or_count(connection, run.account.id, _kind(refused), refused.message, job=run.job)
            following = f"{WITHOUT_BOXES if refused else part}:{found[0].row_id}" if found else END
            set_aside = (*(orders.set_aside if orders else ()), *(boxes.set_aside if boxes else ()))
            run.advance(connection, following, stored, 1 if orders else 0, set_aside)


def _following(part: str, page: SupplyPage) -> str | None:
    """Where a listing goes on after a page; None after the last one.

    An empty page ends a listing, says SellerMind; the specification says nothing. One that names another cursor may
    be a gap, as deleted supplies would leave, and all behind it would be lost: the next page is asked for. A second
    empty one ends the listing, so none goes round in circles.
    """
    is_empty = not page.supplies and not page.set_aside
    if page.next is None or (is_empty and part == LISTING_WITH_A_GAP):
        return None
    return f"{LISTING_WITH_A_GAP if is_empty else part}:{page.next}"


def _orders_of(client: WildberriesClient, supply: WantedSupply) -> SupplyContents | None:
    """What is in a supply; None for one that was deleted after it was listed."""
    try:
        return client.supply_orders(supply.external_supply_id)
    except RecordGone:
        return None


def _boxes_of(
    client: WildberriesClient, supply: WantedSupply
) -> tuple[SupplyContents | None, MethodRefused | Refused | None]:
    """The boxes of a supply, or how Wildberries refuses the method: then asking on costs ten calls a supply."""
    try:
        return client.supply_boxes(supply.external_supply_id), None
    except RecordGone:
        return None, None
    except (MethodRefused, Refused) as refusal:
        activity.logger.warning("boxes are left out: %s", refusal.message)
        return None, refusal


def _kind(refusal: MethodRefused | Refused) -> IssueKind:
    return "insufficient_permissions" if isinstance(refusal, MethodRefused) else "api_error"
