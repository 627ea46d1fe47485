"""Whatever a marketplace answers: our model of it, or one of our named errors. Nothing else, and no hang."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellermind.errors import Permanent, Transient
from sellermind.marketplaces.http import build_http_client
from sellermind.marketplaces.transport import time_limit
from sellermind.marketplaces.uzum import UzumClient
from sellermind.marketplaces.wildberries import WildberriesClient
from sellermind.models.payload import Payload
from tests.fixtures.strange import bodies, headers
from tests.sellermind.marketplaces.raw_server import CountingBudget, RawServer, http

MOST = timedelta(seconds=20)
TOKEN = "a-token-that-must-not-show"
WB_ORDER = {
    "id": 13833711,
    "rid": "f884001e",
    "orderUid": "165918930_629f",
    "nmId": 12345678,
    "chrtId": 987654321,
    "article": "one-ring-7548",
    "skus": ["6665956397512"],
    "offices": ["Москва"],
    "deliveryType": "fbs",
    "cargoType": 1,
    "warehouseId": 658434,
    "price": 1014,
    "convertedPrice": 28322,
    "scanPrice": None,
    "currencyCode": 933,
    "convertedCurrencyCode": 643,
    "isZeroOrder": False,
    "options": {"isB2B": True},
    "createdAt": "2026-11-24T10:00:00Z",
    "comment": "Упакуйте",
    "address": {"fullAddress": "Минск"},
}
STATUS = {"id": 5632423, "supplierStatus": "new", "wbStatus": "waiting"}
SUPPLY = {"id": "WB-GI-1234567", "name": "One", "done": True, "createdAt": "2026-11-24T10:00:00Z", "cargoType": 0}
UZUM_ORDER = {
    "id": 9007199,
    "status": "PACKING",
    "scheme": "DBS",
    "shopId": 5,
    "price": 250_000,
    "dateCreated": 1763980200000,
    "deliveryInfo": {"customerFullname": "Dilnoza", "customerPhone": "+998", "address": {"fullAddress": "Toshkent"}},
    "orderItems": [{"id": 1, "skuId": 2, "skuTitle": "MUG", "sellerPrice": 250_000, "amount": 1}],
}
CALLS: dict[str, tuple[Callable[[Any], Payload], list[Any]]] = {
    "new orders": (lambda wb: wb.new_orders(), [{"orders": [WB_ORDER, WB_ORDER]}]),
    "orders": (lambda wb: wb.orders(0, None), [{"next": 7, "orders": [WB_ORDER]}]),
    "statuses": (lambda wb: wb.statuses([1]), [{"orders": [STATUS, STATUS]}]),
    "supplies": (lambda wb: wb.supplies(0), [{"next": 7, "supplies": [SUPPLY]}]),
    "orders of a supply": (lambda wb: wb.supply_orders("WB-1"), [{"orderIds": [1, 2]}]),
    "boxes of a supply": (lambda wb: wb.supply_boxes("WB-1"), [{"trbxes": [{"id": "WB-TRBX-1"}]}]),
}
UZUM_CALLS: dict[str, tuple[Callable[[Any], Payload], list[Any]]] = {
    "shops": (lambda uzum: uzum.shops(), [[{"id": 1, "name": "One"}], {"payload": [{"id": 1}], "errors": []}]),
    "orders": (
        lambda uzum: uzum.orders(["1"], "PACKING", 0, None),
        [{"payload": {"orders": [UZUM_ORDER], "totalAmount": 1}, "errors": [], "error": None}, [UZUM_ORDER]],
    ),
}
ERRORS = (
    {"code": "IncorrectParameter", "message": "Передан некорректный параметр", "data": None},
    {"title": "unauthorized", "detail": f"token {TOKEN}", "code": "1", "requestId": "7b80", "status": 401},
    {"payload": None, "errors": [{"code": "forbidden-001", "message": "no"}], "error": "x", "trace": "t"},
)
RATES = (
    *("X-Ratelimit-Retry", "Retry-After", "X-Ratelimit-Remaining", "X-RateLimit-Remaining", "Date"),
    *("X-RateLimit-Requested-Tokens", "X-RateLimit-Remaining-Per-Day", "Content-Type"),
)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with build_http_client() as built:
        yield built


def ask(call: Callable[[Any], Payload], client: Any) -> None:
    """Call, and be content with a model or with one of our errors that does not show the token."""
    said = ""
    try:
        with time_limit(MOST):
            call(client)
    except (Transient, Permanent) as error:
        said = error.message
    assert TOKEN not in said
    assert said.isprintable()


@pytest.mark.parametrize("name", CALLS)
@given(data=st.data())
def test_whatever_wildberries_answers_is_read_or_named(
    name: str, server: RawServer, client: httpx.Client, data: st.DataObject
) -> None:
    call, good = CALLS[name]
    server.answers(http(200, data.draw(bodies(*good)), data.draw(headers(*RATES))))
    ask(call, WildberriesClient(client, server.url, TOKEN, CountingBudget()))


@pytest.mark.parametrize("name", UZUM_CALLS)
@given(data=st.data())
def test_whatever_uzum_answers_is_read_or_named(
    name: str, server: RawServer, client: httpx.Client, data: st.DataObject
) -> None:
    call, good = UZUM_CALLS[name]
    server.answers(http(200, data.draw(bodies(*good)), data.draw(headers(*RATES))))
    ask(call, UzumClient(client, server.url, TOKEN, CountingBudget()))


@given(
    status=st.integers(201, 599).filter(lambda status: status not in (204, 304)),
    body=bodies(*ERRORS),
    rates=headers(*RATES),
)
def test_whatever_a_refusal_says_has_a_name(
    server: RawServer, client: httpx.Client, status: int, body: bytes, rates: dict[str, str]
) -> None:
    server.answers(http(status, body, rates))
    budget = CountingBudget()
    ask(lambda wb: wb.new_orders(), WildberriesClient(client, server.url, TOKEN, budget))
    ask(lambda uzum: uzum.shops(), UzumClient(client, server.url, TOKEN, budget))
    waits = [told for _, told in budget.told if isinstance(told, timedelta)]
    assert all(timedelta(0) < wait <= timedelta(days=7) for wait in waits)
    assert all(-1 < told < 10**9 for _, told in budget.told if isinstance(told, int))
