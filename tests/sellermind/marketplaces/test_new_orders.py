"""Rows of GET /api/v3/orders/new: what each field becomes, and that a bad row never takes the page along."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellermind.marketplaces.rows import read_rows
from sellermind.marketplaces.wildberries import WildberriesClient
from sellermind.marketplaces.wildberries_orders import read_order
from sellermind.models.orders import OrderFacts, SetAside
from tests.sellermind.marketplaces.raw_server import RawServer, http, page

ROW: dict[str, Any] = {
    "address": None,
    "ddate": "17.05.2024",
    "salePrice": 504600,
    "deliveryType": "fbs",
    "comment": "Упакуйте в плёнку, пожалуйста 🎁",
    "scanPrice": None,
    "orderUid": "165918930_629fbc924b984618a44354475ca58675",
    "article": "one-ring-7548",
    "rid": "f884001e44e511edb8780242ac120002",
    "createdAt": "2026-11-20T07:56:29Z",
    "offices": ["Калуга"],
    "skus": ["6665956397512", "second"],
    "id": 5632423001,
    "warehouseId": 658434,
    "nmId": 12345678,
    "chrtId": 987654321,
    "price": 1014,
    "convertedPrice": 28322,
    "currencyCode": 933,
    "convertedCurrencyCode": 643,
    "cargoType": 1,
    "isZeroOrder": False,
    "options": {"isB2B": True},
}


def read(*rows: Any) -> tuple[tuple[OrderFacts, ...], tuple[SetAside, ...]]:
    return read_rows(list(rows), read_order)


def test_every_field_goes_to_its_column() -> None:
    (order,), set_aside = read(ROW)
    assert set_aside == ()
    assert order == OrderFacts(
        external_order_id="5632423001",
        rid="f884001e44e511edb8780242ac120002",
        order_uid="165918930_629fbc924b984618a44354475ca58675",
        nm_id=12345678,
        chrt_id=987654321,
        article="one-ring-7548",
        sku="6665956397512",
        wb_delivery_type="fbs",
        cargo_type=1,
        warehouse_id=658434,
        office="Калуга",
        total_amount=Decimal("283.22"),
        price=1014,
        scan_price=None,
        converted_price=28322,
        currency_code=933,
        converted_currency_code=643,
        is_b2b=True,
        is_zero_order=False,
        ordered_at=datetime(2026, 11, 20, 7, 56, 29, tzinfo=UTC),
        raw_payload=ROW,
    )


def test_an_order_needs_nothing_but_its_id() -> None:
    (order,), _ = read({"id": 9223372036854775807})
    assert order == OrderFacts(external_order_id="9223372036854775807", raw_payload={"id": 9223372036854775807})


def test_fields_and_values_that_no_document_knows_do_no_harm() -> None:
    (order,), _ = read(ROW | {"deliveryType": "drone", "cargoType": 77, "trackNumber": [1], "crossBorderType": {}})
    assert (order.wb_delivery_type, order.cargo_type) == ("drone", 77)
    assert order.raw_payload["trackNumber"] == [1]


def test_a_barcode_may_be_a_number() -> None:
    (order,), _ = read(ROW | {"skus": [6665956397512], "article": 7548})
    assert (order.sku, order.article) == ("6665956397512", "7548")


def test_lists_may_be_empty_or_null() -> None:
    orders, _ = read(ROW | {"id": 1, "skus": [], "offices": []}, ROW | {"id": 2, "skus": None, "offices": None})
    assert [(order.sku, order.office) for order in orders] == [(None, None), (None, None)]


def test_a_price_with_a_fraction_of_a_kopeck_is_rounded_not_refused() -> None:
    (order,), _ = read(ROW | {"scanPrice": 1500.4})
    assert order.scan_price == 1500


@pytest.mark.parametrize(
    ("sent", "utc"),
    [
        ("2026-11-20T07:56:29Z", "2026-11-20T07:56:29+00:00"),
        ("2026-11-20t07:56:29z", "2026-11-20T07:56:29+00:00"),
        ("2026-11-20T07:56:29.123456789Z", "2026-11-20T07:56:29.123456+00:00"),
        ("2026-11-20T10:56:29+03:00", "2026-11-20T07:56:29+00:00"),
        ("2026-11-20T02:26:29-05:30", "2026-11-20T07:56:29+00:00"),
        ("2026-11-20T10:56:29", "2026-11-20T07:56:29+00:00"),
        ("2026-11-20 10:56:29", "2026-11-20T07:56:29+00:00"),
    ],
)
def test_times_of_any_offset_are_utc_and_moscow_time_without_one(sent: str, utc: str) -> None:
    (order,), _ = read(ROW | {"createdAt": sent})
    assert order.ordered_at is not None
    assert order.ordered_at.isoformat() == utc


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": None},
        {"id": "5632423001"},
        {"id": "no number"},
        {"id": 0},
        {"id": -1},
        {"id": True},
        {"id": 1.5},
        {"id": 2**63},
        {"id": 10**400},
        {"price": 2**63},
        {"price": "1014"},
        {"price": True},
        {"price": 10.5},
        {"convertedPrice": 10**14},
        {"scanPrice": 1e300},
        {"nmId": {}},
        {"article": "x" * 256},
        {"rid": ["a"]},
        {"skus": "6665956397512"},
        {"skus": [None]},
        {"options": 1},
        {"createdAt": "yesterday"},
        {"createdAt": "17.05.2024"},
        {"createdAt": 1791043298},
        {"createdAt": "9999-12-31T23:59:59-23:59"},
        {"createdAt": "0001-01-01T00:00:00+23:59"},
        {"createdAt": ""},
    ],
)
def test_a_bad_row_is_set_aside_and_the_page_goes_on(wrong: dict[str, Any]) -> None:
    orders, (set_aside,) = read(ROW | {"id": 1}, ROW | wrong, ROW | {"id": 2})
    assert [order.external_order_id for order in orders] == ["1", "2"]
    assert next(iter(wrong)) in set_aside.reason


def test_what_is_no_row_at_all_is_set_aside() -> None:
    orders, set_aside = read(None, 7, "row", [], {}, ROW)
    assert len(orders) == 1
    assert [row.external_id for row in set_aside] == [None] * 5


def test_a_row_set_aside_is_known_by_its_id_and_reason_and_nothing_of_a_buyer() -> None:
    _, (row,) = read(ROW | {"id": 77, "article": "Ivan Ivanov, +7 900 000-00-00 " * 20, "price": "Ivan"})
    assert row.external_id == "77"
    assert row.reason.startswith("article: String should have at most 255 characters; price: Input should be")
    assert "Ivan" not in row.reason
    _, (row,) = read({"id": "a\n" * 1000})
    assert row.external_id == ("a " * 32).strip()


def test_an_order_listed_twice_counts_once_as_it_stood_last(server: RawServer, wildberries: WildberriesClient) -> None:
    server.answers(page({"orders": [ROW, ROW | {"id": 2}, ROW | {"price": 5}]}))
    found = wildberries.new_orders()
    assert [(order.external_order_id, order.price) for order in found.orders] == [("5632423001", 5), ("2", 1014)]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(anything | st.builds(dict, st.dictionaries(st.sampled_from(list(ROW)), anything)), max_size=5))
def test_whatever_rows_come_each_is_read_or_set_aside(rows: list[Any]) -> None:
    orders, set_aside = read(*rows)
    assert len({order.external_order_id for order in orders}) == len(orders)
    assert len(orders) + len(set_aside) <= len(rows)


@pytest.mark.parametrize("spoilt", [b'"article": "\\ud800"', b'"scanPrice": NaN', b'"scanPrice": 1e999'])
def test_a_value_that_json_can_hardly_spell_costs_its_row_and_not_the_page(
    server: RawServer, wildberries: WildberriesClient, spoilt: bytes
) -> None:
    server.answers(http(200, b'{"orders": [{"id": 1}, {"id": 2, ' + spoilt + b"}]}"))
    found = wildberries.new_orders()
    assert [order.external_order_id for order in found.orders] == ["1"]
    assert [row.external_id for row in found.set_aside] == ["2"]
