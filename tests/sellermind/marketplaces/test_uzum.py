"""Uzum's own ways: bare token, repeated keys, envelopes of several shapes, 403s of several kinds, daily quota."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellermind.errors import AccessRevoked, MethodRefused, Throttled, Unreadable
from sellermind.marketplaces.rows import read_rows
from sellermind.marketplaces.uzum import UzumClient
from sellermind.marketplaces.uzum_orders import read_order
from sellermind.models.uzum_orders import UzumItem, UzumOrder
from sellermind.models.windows import Window
from tests.sellermind.marketplaces.raw_server import CountingBudget, RawServer, http, page

ITEM: dict[str, Any] = {"id": 91, "skuTitle": "RING-7548-M", "productId": 501, "sellerPrice": 129000, "amount": 2}
ROW: dict[str, Any] = {
    "id": 120000000001,
    "status": "COMPLETED",
    "scheme": "DBS",
    "shopId": 54161,
    "price": 258000,
    "dateCreated": 1795161389000,
    "completedDate": "2026-11-22T10:00:00+05:00",
    "deliveryInfo": {
        "customerFullname": "Азиз Каримов",
        "customerPhone": "+998900000000",
        "address": {
            "fullAddress": "Ташкент, " * 60,
            "city": "Ташкент",
            "house": "1",
            "longitude": 69.2,
            "latitude": 41.3,
        },
    },
    "orderItems": [ITEM],
}


def envelope(payload: Any, **fields: Any) -> bytes:
    return page({"payload": payload, "errors": [], "timestamp": None, "trace": "t", "error": "null"} | fields)


def test_a_page_is_asked_with_a_bare_token_repeated_keys_and_seconds(server: RawServer, uzum: UzumClient) -> None:
    server.answers(envelope({"orders": []}))
    window = Window(since=datetime(2026, 11, 1, tzinfo=UTC), until=datetime(2026, 11, 24, tzinfo=UTC))
    uzum.orders(["1", "2"], "PACKING", 4, window)
    uzum.orders(["1"], "CREATED", 0, None)
    assert [request.split(" ")[1] for request in server.requests] == [
        "/v2/fbs/orders?shopIds=1&shopIds=2&status=PACKING&page=4&size=50&dateFrom=1793491200&dateTo=1795478400",
        "/v2/fbs/orders?shopIds=1&status=CREATED&page=0&size=50",
    ]
    assert "\r\nauthorization: test-token\r\n" in server.requests[0].lower()


def test_no_shops_cost_no_call(server: RawServer, uzum: UzumClient) -> None:
    with pytest.raises(ValueError, match="named shops"):
        uzum.orders([], "CREATED", 0, None)
    assert server.requests == []


def test_every_field_goes_to_its_column() -> None:
    ((order,), set_aside) = read_rows([ROW], read_order)
    assert set_aside == ()
    assert order == UzumOrder(
        external_order_id="120000000001",
        uzum_status="COMPLETED",
        delivery_type="DBS",
        shop_id="54161",
        customer_name="Азиз Каримов",
        customer_phone="+998900000000",
        total_amount=Decimal(258000),
        ordered_at=datetime(2026, 11, 20, 7, 56, 29, tzinfo=UTC),
        delivered_at=datetime(2026, 11, 22, 5, tzinfo=UTC),
        delivery_address_full=("Ташкент, " * 60)[:255],
        delivery_city="Ташкент",
        delivery_home="1",
        delivery_longitude=69.2,
        delivery_latitude=41.3,
        items=(
            UzumItem(
                external_item_id="91",
                external_offer_id="501",
                name="RING-7548-M",
                quantity=2,
                price=Decimal(129000),
                total_price=Decimal(258000),
                raw_payload=ITEM,
            ),
        ),
        raw_payload=ROW,
    )


def test_an_order_needs_nothing_but_id_and_status_and_a_line_nothing_at_all() -> None:
    (order,), _ = read_rows(
        [{"id": 1, "status": "TELEPORTED", "orderItems": [{}, {"skuId": 5, "price": 7}]}], read_order
    )
    assert (order.uzum_status, order.total_amount, order.currency) == ("TELEPORTED", None, "UZS")
    assert [(i.external_item_id, i.external_offer_id, i.quantity, i.total_price) for i in order.items] == [
        ("#1", None, 1, None),
        ("#2", "5", 1, Decimal(7)),
    ]


def test_prices_beyond_32_bits_and_fractions_are_exact() -> None:
    rows = [ROW | {"id": 1, "price": 999_999_999_999}, ROW | {"id": 2, "price": 129000.5}]
    orders, _ = read_rows(rows, read_order)
    assert [order.total_amount for order in orders] == [Decimal(999_999_999_999), Decimal("129000.5")]


@pytest.mark.parametrize(
    "sent",
    ["2026-11-20T07:56:29Z", "2026-11-20T12:56:29+05:00", 1795161389000, 1795161389, "2026-11-20T07:56:29.000+00:00"],
)
def test_times_are_utc_whatever_their_form(sent: str | int) -> None:
    (order,), _ = read_rows([ROW | {"dateCreated": sent}], read_order)
    assert order.ordered_at == datetime(2026, 11, 20, 7, 56, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": None},
        {"id": "1"},
        {"id": 2**63},
        {"status": None},
        {"status": ""},
        {"status": "x" * 51},
        {"dateCreated": "2026-11-20T07:56:29"},
        {"dateCreated": 1795161389000000},
        {"dateCreated": 17951},
        {"dateCreated": 10**30},
        {"dateCreated": True},
        {"price": 10**12},
        {"price": "free"},
        {"shopId": "54161"},
        {"deliveryInfo": []},
        {"orderItems": {}},
        {"orderItems": [None]},
        {"orderItems": [ITEM | {"amount": -1}]},
        {"orderItems": [ITEM | {"amount": 2**31}]},
    ],
)
def test_a_bad_order_is_set_aside_and_the_page_goes_on(wrong: dict[str, Any]) -> None:
    orders, (set_aside,) = read_rows([ROW | {"id": 1}, ROW | wrong, ROW | {"id": 2}], read_order)
    assert [order.external_order_id for order in orders] == ["1", "2"]
    assert next(iter(wrong)) in set_aside.reason


@pytest.mark.parametrize(
    "answer",
    [
        envelope({"orders": [ROW]}),
        envelope({"list": [ROW]}),
        envelope({"orderList": [ROW]}),
        envelope([ROW]),
        page({"orderList": [ROW]}),
        page([ROW]),
    ],
)
def test_the_list_is_found_under_every_key_it_was_seen_under(
    server: RawServer, uzum: UzumClient, answer: bytes
) -> None:
    server.answers(answer)
    assert len(uzum.orders(["1"], "CREATED", 0, None).orders) == 1


@pytest.mark.parametrize("answer", [envelope(None), envelope({}), envelope({"orders": None}), page(None), http(204)])
def test_null_and_nothing_are_an_empty_page(server: RawServer, uzum: UzumClient, answer: bytes) -> None:
    server.answers(answer)
    assert uzum.orders(["1"], "CREATED", 0, None).orders == ()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (envelope(None, errors=[{"code": "seller-order-12", "message": "нет"}]), "200 with the error seller-order-12"),
        (envelope(None, error="Too Many Requests"), "200 with the error Too Many Requests"),
        (envelope(None, error={"a": 1}), "200 with the error"),
        (envelope(None, errors=["?"]), "200 with the error null"),
        (envelope(7), "no list"),
        (envelope({"items": []}), "no list"),
        (page("x"), "no list"),
    ],
)
def test_an_error_that_came_with_200_is_never_an_empty_page(
    server: RawServer, uzum: UzumClient, answer: bytes, said: str
) -> None:
    server.answers(answer)
    with pytest.raises(Unreadable, match=said):
        uzum.orders(["1"], "CREATED", 0, None)


@pytest.mark.parametrize(("rows", "following"), [(50, 8), (51, 8), (49, None), (0, None)])
def test_a_listing_ends_with_a_page_that_is_not_full(
    server: RawServer, uzum: UzumClient, rows: int, following: int | None
) -> None:
    server.answers(envelope({"orders": [{"id": None}] * rows, "totalAmount": 2}))
    assert uzum.orders(["1"], "CREATED", 7, None).next == following


@pytest.mark.parametrize(
    "answer", [page([{"id": 1, "name": "S"}]), envelope([{"id": 1}]), envelope({"shops": [{"id": 1}]})]
)
def test_shops_come_bare_or_in_an_envelope(server: RawServer, uzum: UzumClient, answer: bytes) -> None:
    server.answers(answer)
    assert [shop.external_id for shop in uzum.shops().shops] == ["1"]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("forbidden-001", AccessRevoked),
        ("storage-service-04", AccessRevoked),
        ("fbs-2-seller-access-denied", MethodRefused),
        ("", MethodRefused),
    ],
)
def test_a_403_stops_the_account_or_the_method_as_its_code_says(
    server: RawServer, uzum: UzumClient, code: str, name: type[Exception]
) -> None:
    body = {"payload": None, "errors": [{"code": code, "message": "forbidden-001"}], "trace": "5f1c0a3d9b7e4c21"}
    server.answers(http(403, json.dumps(body).encode()))
    with pytest.raises((AccessRevoked, MethodRefused), match="requestId 5f1c0a3d9b7e4c21") as caught:
        uzum.orders(["1"], "CREATED", 0, None)
    assert type(caught.value) is name


def test_a_refused_call_costs_what_uzum_says_and_no_tenfold(
    server: RawServer, uzum: UzumClient, budget: CountingBudget
) -> None:
    server.answers(http(404, b"", {"X-RateLimit-Remaining": "1"}))
    with pytest.raises(Exception, match="Uzum GET /v1/shops: 404"):
        uzum.shops()
    assert budget.told == [("take", 1), ("learn_remaining", 1)]


def test_the_budget_learns_cost_and_remaining_and_ignores_a_limiter_in_trouble(
    server: RawServer, uzum: UzumClient, budget: CountingBudget
) -> None:
    heavy = {"X-RateLimit-Requested-Tokens": "3", "X-RateLimit-Remaining": "0", "X-RateLimit-Remaining-Per-Day": "9000"}
    troubled = {
        "X-RateLimit-Requested-Tokens": "-1",
        "X-RateLimit-Remaining": "-1",
        "X-RateLimit-Remaining-Per-Day": "-1",
    }
    server.answers(page([], **heavy), page([], **troubled))
    uzum.shops()
    uzum.shops()
    assert budget.told == [("take", 1), ("charge", 2), ("learn_remaining", 0), ("take", 1)]


def test_a_spent_day_is_probed_every_ten_minutes(server: RawServer, uzum: UzumClient, budget: CountingBudget) -> None:
    spent = {"X-RateLimit-Remaining-Per-Day": "0"}
    server.answers(page([], **spent), http(429, b"", spent | {"Retry-After": "1"}))
    uzum.shops()
    with pytest.raises(Throttled) as caught:
        uzum.shops()
    probe = timedelta(minutes=10)
    assert caught.value.retry_after == probe
    assert budget.told == [("take", 1), ("refused", probe), ("take", 1), ("refused", probe)]


def test_a_throttled_call_without_a_header_waits_the_policy_default(server: RawServer, uzum: UzumClient) -> None:
    server.answers(http(429, b""))
    with pytest.raises(Throttled) as caught:
        uzum.shops()
    assert caught.value.retry_after == timedelta(seconds=5)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ROW, *ITEM, "address"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.lists(anything | st.dictionaries(st.sampled_from(list(ROW)), anything).map(lambda row: ROW | row), max_size=4)
)
def test_whatever_rows_come_each_is_read_or_set_aside(rows: list[Any]) -> None:
    orders, set_aside = read_rows(rows, read_order)
    assert len(orders) + len(set_aside) <= len(rows)
