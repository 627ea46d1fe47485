"""Our Uzum client against its specification: served by Prism, and compared field by field."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import BaseModel
from temporalio.exceptions import ApplicationError

from sellermind.errors import AccessRevoked, Refused, Throttled, Unavailable
from sellermind.marketplaces.uzum import UzumClient
from sellermind.marketplaces.uzum_orders import ItemRow, OrderRow, ShopRow
from sellermind.models.uzum_orders import UZUM_STATUSES
from sellermind.models.windows import Window
from tests.fixtures.prism import CONTRACT
from tests.sellermind.marketplaces.preference import Preference
from tests.sellermind.marketplaces.raw_server import CountingBudget
from tests.sellermind.marketplaces.specification import Specification

SPECIFICATION = Specification(CONTRACT / "uzum-seller.yaml")
WINDOW = Window(since=datetime(2026, 11, 1, tzinfo=UTC), until=datetime(2026, 11, 24, tzinfo=UTC))
SHOPS = ("54161", "54162")

CALLS: dict[str, Callable[[UzumClient], Any]] = {
    "GET /v1/shops": lambda client: client.shops(),
    "GET /v2/fbs/orders": lambda client: client.orders(SHOPS, "CREATED", 0, None),
}
ERRORS = {400: Refused, 401: AccessRevoked, 403: AccessRevoked, 429: Throttled, 500: Unavailable}


@pytest.fixture
def client(uzum_prism: str, preferring_http: httpx.Client, budget: CountingBudget) -> UzumClient:
    return UzumClient(preferring_http, uzum_prism, "Bearer test-token", budget)


@pytest.mark.parametrize("code", ERRORS)
@pytest.mark.parametrize("call", CALLS)
def test_every_error_of_the_specification_has_its_name(
    client: UzumClient, prefer: Preference, call: str, code: int
) -> None:
    prefer.header = f"code={code}"
    with pytest.raises(ApplicationError, match=f": Uzum {call}: {code}") as caught:
        CALLS[call](client)
    assert type(caught.value) is ERRORS[code]


@pytest.mark.parametrize("status", UZUM_STATUSES)
def test_each_of_the_eleven_statuses_can_be_asked_for(client: UzumClient, status: str) -> None:
    assert client.orders(SHOPS, status, 3, WINDOW).set_aside == ()


def test_a_status_that_does_not_exist_is_refused_by_the_specification(client: UzumClient) -> None:
    with pytest.raises(Refused):
        client.orders(SHOPS, "TELEPORTED", 0, None)


def test_a_page_of_orders_is_read_with_its_items(client: UzumClient, budget: CountingBudget) -> None:
    page = client.orders(SHOPS, "CREATED", 0, None)
    first = page.orders[0]
    assert [order.external_order_id for order in page.orders] == ["70431290", "70431291"]
    assert (first.uzum_status, first.delivery_type, first.shop_id) == ("CREATED", "FBS", "54161")
    assert (first.total_amount, first.currency) == (Decimal(129000), "UZS")
    assert first.ordered_at == datetime(2026, 11, 20, 7, 56, 29, tzinfo=UTC)
    (item,) = first.items
    assert (item.external_item_id, item.external_offer_id, item.name) == ("91", "501", "RING-7548-M")
    assert (item.quantity, item.price, item.total_price) == (1, Decimal(129000), Decimal(129000))
    assert page.next is None
    assert budget.told == [("take", 1), ("learn_remaining", 1)]


@pytest.mark.parametrize("example", ["empty", "nullPayload"])
def test_no_orders_are_no_orders(client: UzumClient, prefer: Preference, example: str) -> None:
    prefer.header = f"example={example}"
    page = client.orders(SHOPS, "CREATED", 0, None)
    assert (page.orders, page.next) == ((), None)


def test_a_date_may_be_epoch_milliseconds(client: UzumClient, prefer: Preference) -> None:
    prefer.header = "example=millis"
    (order,) = client.orders(SHOPS, "CREATED", 0, None).orders
    assert order.ordered_at == datetime(2026, 11, 20, 7, 56, 29, tzinfo=UTC)


def test_the_shops_are_read(client: UzumClient) -> None:
    found = client.shops()
    assert [(shop.external_id, shop.name) for shop in found.shops] == [("54161", "Shop")]


@pytest.mark.parametrize(("model", "schema"), [(OrderRow, "Order"), (ItemRow, "OrderItem"), (ShopRow, "Shop")])
def test_every_field_we_read_is_in_the_specification_with_its_type(model: type[BaseModel], schema: str) -> None:
    assert SPECIFICATION.differences(model, schema) == []
