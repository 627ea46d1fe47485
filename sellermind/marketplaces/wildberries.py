"""Wildberries: the calls our jobs make (specification of 2026-07-23, tests/contract/wildberries-fbs.yaml)."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote

import httpx

from sellermind.marketplaces.http import Answer, Api, Budget, Call
from sellermind.marketplaces.paging import next_cursor
from sellermind.marketplaces.rows import read_rows, rows_of
from sellermind.marketplaces.rules import ApiRules
from sellermind.marketplaces.times import epoch_seconds
from sellermind.marketplaces.tokens import bare
from sellermind.marketplaces.wildberries_orders import read_order
from sellermind.marketplaces.wildberries_supplies import read_box, read_order_id, read_status, read_supply
from sellermind.models.limits import WILDBERRIES
from sellermind.models.orders import OrderList, OrderPage, StatusList
from sellermind.models.supplies import SupplyContents, SupplyPage
from sellermind.models.windows import Window

RULES = ApiRules(
    name="Wildberries",
    rate=WILDBERRIES,
    # Retry is the seconds until a try can succeed; X-Ratelimit-Reset, until the whole burst is back, is too long.
    wait_headers=("X-Ratelimit-Retry", "Retry-After"),
    remaining_header="X-Ratelimit-Remaining",
    gone_codes=frozenset({"NotFound"}),
)
PAGE_SIZE = 1000
LARGEST_STATUS_CHUNK = 1000
LONGEST_WINDOW = timedelta(days=30)


class WildberriesClient:
    """One seller's calls to Wildberries. Each is one request that is never repeated here, and raises as Api.send does.

    An answer of another shape than documented is Unreadable; a single row that is, is set aside.
    """

    def __init__(self, http: httpx.Client, base_url: str, token: str, budget: Budget) -> None:
        """Use the process's `http` client; a `Bearer ` prefix of the token is taken off.

        Raises:
            AccessRevoked: the token is empty or damaged.
        """
        self._api = Api(http, base_url, bare(token), RULES, budget)

    def new_orders(self) -> OrderList:
        """List all orders that are new at this moment (GET /api/v3/orders/new, which has no parameters and no pages).

        Absence of an order means nothing: it may have gone on to assembly.
        """
        answer = self._api.send(Call("GET", "/api/v3/orders/new"))
        orders, set_aside = read_rows(rows_of(answer, "orders"), read_order)
        return OrderList(orders=orders, set_aside=set_aside, read_at=answer.read_at)

    def orders(self, cursor: int, window: Window | None) -> OrderPage:
        """List a page of up to 1,000 orders, whatever their state, without their statuses (GET /api/v3/orders).

        Args:
            cursor: 0, then `next` of the page before.
            window: when they were created, at most 30 days; None for the last 30 days, with nothing for
                Wildberries to dislike (it has answered 400 to dates together with a cursor).

        Raises:
            ValueError: the window is longer than 30 days; asking would cost the seller ten calls.
        """
        if window and window.length > LONGEST_WINDOW:
            raise ValueError("Wildberries takes windows of at most 30 days")
        answer = self._page("/api/v3/orders", cursor, window)
        found = rows_of(answer, "orders")
        orders, set_aside = read_rows(found, read_order)
        following = _following(answer, cursor, len(found))
        return OrderPage(orders=orders, set_aside=set_aside, read_at=answer.read_at, next=following)

    def statuses(self, order_ids: Sequence[int]) -> StatusList:
        """Ask the statuses of 1 to 1,000 orders (POST /api/v3/orders/status); one left out is unknown, not gone.

        Raises:
            ValueError: no ids, or too many; asking would cost the seller ten calls.
        """
        if not 1 <= len(order_ids) <= LARGEST_STATUS_CHUNK:
            raise ValueError(f"Wildberries takes 1 to {LARGEST_STATUS_CHUNK} orders a call")
        answer = self._api.send(Call("POST", "/api/v3/orders/status", json={"orders": list(order_ids)}))
        statuses, set_aside = read_rows(rows_of(answer, "orders"), read_status)
        return StatusList(statuses=statuses, set_aside=set_aside, read_at=answer.read_at)

    def supplies(self, cursor: int) -> SupplyPage:
        """List a page of up to 1,000 supplies (GET /api/v3/supplies); `cursor` is 0, then `next` of the page before.

        An empty page may have a `next` too: whether the listing ends there is for the caller to say.
        """
        answer = self._page("/api/v3/supplies", cursor, None)
        found = rows_of(answer, "supplies")
        supplies, set_aside = read_rows(found, read_supply)
        following = _following(answer, cursor, 1)
        return SupplyPage(supplies=supplies, set_aside=set_aside, read_at=answer.read_at, next=following)

    def supply_orders(self, supply_id: str) -> SupplyContents:
        """List the orders that are in a supply (GET /api/marketplace/v3/supplies/{supplyId}/order-ids).

        Raises:
            RecordGone: Wildberries has no such supply (any more).
        """
        answer = self._api.send(_of_supply("/api/marketplace/v3/supplies/{id}/order-ids", supply_id))
        found, set_aside = read_rows(rows_of(answer, "orderIds"), read_order_id)
        return SupplyContents(
            external_supply_id=supply_id, external_ids=found, set_aside=set_aside, read_at=answer.read_at
        )

    def supply_boxes(self, supply_id: str) -> SupplyContents:
        """List the boxes that are in a supply (GET /api/v3/supplies/{supplyId}/trbx).

        Raises:
            RecordGone: Wildberries has no such supply (any more).
        """
        answer = self._api.send(_of_supply("/api/v3/supplies/{id}/trbx", supply_id))
        found, set_aside = read_rows(rows_of(answer, "trbxes"), read_box)
        return SupplyContents(
            external_supply_id=supply_id, external_ids=found, set_aside=set_aside, read_at=answer.read_at
        )

    def _page(self, path: str, cursor: int, window: Window | None) -> Answer:
        """Ask for one page. Limit and next are both required; dates are in Unix seconds."""
        params: tuple[tuple[str, str | int], ...] = (("limit", PAGE_SIZE), ("next", cursor))
        if window:
            params += (("dateFrom", epoch_seconds(window.since)), ("dateTo", epoch_seconds(window.until)))
        return self._api.send(Call("GET", path, params))


def _of_supply(template: str, supply_id: str) -> Call:
    """Ask something about one supply."""
    return Call("GET", template.format(id=quote(supply_id, safe="")), template=template)


def _following(answer: Answer, cursor: int, rows: int) -> int | None:
    """Tell where the page after this answer starts."""
    return next_cursor(answer.title, cursor, (answer.body or {}).get("next"), rows)
