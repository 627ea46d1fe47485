"""Our Wildberries client against its specification: served by Prism, and compared field by field."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import BaseModel
from temporalio.exceptions import ApplicationError

from sellermind.errors import AccessRevoked, MethodRefused, RecordGone, Refused, Throttled, Unavailable
from sellermind.marketplaces.wildberries import WildberriesClient
from sellermind.marketplaces.wildberries_orders import OrderRow
from sellermind.marketplaces.wildberries_supplies import StatusRow, SupplyRow
from sellermind.models.supplies import SupplyState
from sellermind.models.windows import Window
from tests.fixtures.prism import CONTRACT
from tests.sellermind.marketplaces.preference import Preference
from tests.sellermind.marketplaces.raw_server import CountingBudget
from tests.sellermind.marketplaces.specification import Specification

SPECIFICATION = Specification(CONTRACT / "wildberries-fbs.yaml")
WINDOW = Window(since=datetime(2026, 11, 1, tzinfo=UTC), until=datetime(2026, 11, 24, tzinfo=UTC))

CALLS: dict[str, Callable[[WildberriesClient], Any]] = {
    "GET /api/v3/orders/new": lambda client: client.new_orders(),
    "GET /api/v3/orders": lambda client: client.orders(0, WINDOW),
    "POST /api/v3/orders/status": lambda client: client.statuses([5632423001]),
    "GET /api/v3/supplies": lambda client: client.supplies(0),
    "GET /api/marketplace/v3/supplies/WB-GI-1/order-ids": lambda client: client.supply_orders("WB-GI-1"),
}
ERRORS = {
    401: AccessRevoked,
    402: Refused,
    403: MethodRefused,
    429: Throttled,
    500: Unavailable,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


@pytest.fixture
def client(wildberries_prism: str, preferring_http: httpx.Client, budget: CountingBudget) -> WildberriesClient:
    return WildberriesClient(preferring_http, wildberries_prism, "test-token", budget)


@pytest.mark.parametrize("code", ERRORS)
@pytest.mark.parametrize("call", CALLS)
def test_every_error_of_the_specification_has_its_name(
    client: WildberriesClient, prefer: Preference, call: str, code: int
) -> None:
    prefer.header = f"code={code}"
    with pytest.raises(ApplicationError, match=f": Wildberries {call}: {code} ") as caught:
        CALLS[call](client)
    assert type(caught.value) is ERRORS[code]


@pytest.mark.parametrize("call", ["GET /api/v3/orders", "POST /api/v3/orders/status", "GET /api/v3/supplies"])
def test_a_request_that_wildberries_finds_wrong_is_refused(
    client: WildberriesClient, prefer: Preference, call: str
) -> None:
    prefer.header = "code=400"
    with pytest.raises(Refused, match=f": Wildberries {call}: 400 IncorrectParameter"):
        CALLS[call](client)


def test_a_supply_that_does_not_exist_is_gone(client: WildberriesClient, prefer: Preference) -> None:
    prefer.header = "code=404"
    with pytest.raises(RecordGone, match="404 NotFound"):
        client.supply_orders("WB-GI-1")


def test_a_missing_token_is_refused_by_the_specification(wildberries_prism: str, http_client: httpx.Client) -> None:
    assert http_client.get(f"{wildberries_prism}/api/v3/orders/new").status_code == 401


def test_new_orders_are_read(client: WildberriesClient, budget: CountingBudget) -> None:
    found = client.new_orders()
    assert found.set_aside == ()
    assert [order.external_order_id for order in found.orders] == ["5632423001", "5632423002"]
    assert found.orders[0].ordered_at == datetime(2026, 11, 20, 7, 56, 29, tzinfo=UTC)
    assert budget.told == [("take", 1), ("learn_remaining", 19)]


def test_no_orders_are_no_orders(client: WildberriesClient, prefer: Preference) -> None:
    prefer.header = "example=empty"
    assert client.new_orders().orders == ()


@pytest.mark.parametrize("window", [WINDOW, None])
def test_a_page_of_orders_is_read_and_the_same_page_again_ends_the_listing(
    client: WildberriesClient, window: Window | None
) -> None:
    page = client.orders(0, window)
    assert [order.external_order_id for order in page.orders] == ["5632423001", "5632423002"]
    assert page.next == 13833711
    assert client.orders(page.next, window).next is None


@pytest.mark.parametrize(("example", "ids"), [("lastPage", []), ("lastPageWithRows", ["5632423001"])])
def test_the_last_page_is_the_last_one_with_rows_or_without(
    client: WildberriesClient, prefer: Preference, example: str, ids: list[str]
) -> None:
    prefer.header = f"example={example}"
    page = client.orders(0, WINDOW)
    assert ([order.external_order_id for order in page.orders], page.next) == (ids, None)


@pytest.mark.parametrize(
    ("example", "statuses"),
    [
        ("new", [("5632423001", "new", "waiting")]),
        ("cancelledByClient", [("5632423001", "cancel", "declined_by_client")]),
        ("carrier", [("5632423001", "cancel_carrier", "canceled_by_carrier")]),
        ("missingRows", []),
    ],
)
def test_statuses_are_read_in_wildberries_own_words(
    client: WildberriesClient, prefer: Preference, example: str, statuses: list[tuple[str, str, str]]
) -> None:
    prefer.header = f"example={example}"
    found = client.statuses([5632423001])
    assert [(s.external_order_id, s.supplier_status, s.wb_status) for s in found.statuses] == statuses


def test_a_thousand_ids_are_as_many_as_the_specification_takes(client: WildberriesClient) -> None:
    assert client.statuses(range(1, 1001)).set_aside == ()


def test_a_page_of_supplies_is_read_with_their_states(client: WildberriesClient) -> None:
    page = client.supplies(0)
    assert [(supply.external_supply_id, supply.state) for supply in page.supplies] == [
        ("WB-GI-1234567", SupplyState.OPEN),
        ("WB-GI-1234568", SupplyState.ACCEPTED),
    ]
    assert page.next == 13833711


def test_an_empty_supply_has_cargo_type_zero(client: WildberriesClient, prefer: Preference) -> None:
    prefer.header = "example=emptySupply"
    (supply,) = client.supplies(0).supplies
    assert (supply.cargo_type, supply.state) == (0, SupplyState.OPEN)


def test_the_orders_of_a_supply_are_ids(client: WildberriesClient) -> None:
    found = client.supply_orders("WB-GI-1")
    assert found.external_ids == ("132334", "203984", "403543", "598349")


@pytest.mark.parametrize(
    ("model", "schema"),
    [(OrderRow, "OrderNew"), (OrderRow, "Order"), (StatusRow, "OrderStatus"), (SupplyRow, "Supply")],
)
def test_every_field_we_read_is_in_the_specification_with_its_type(model: type[BaseModel], schema: str) -> None:
    assert SPECIFICATION.differences(model, schema) == []


def test_a_window_longer_than_30_days_costs_no_call(client: WildberriesClient, budget: CountingBudget) -> None:
    with pytest.raises(ValueError, match="at most 30 days"):
        client.orders(0, Window(since=WINDOW.since, until=WINDOW.since + timedelta(days=30, seconds=1)))
    assert budget.told == []


@pytest.mark.parametrize("ids", [range(0), range(1001)])
def test_a_wrong_number_of_ids_costs_no_call(client: WildberriesClient, budget: CountingBudget, ids: range) -> None:
    with pytest.raises(ValueError, match="1 to 1000 orders"):
        client.statuses(ids)
    assert budget.told == []
