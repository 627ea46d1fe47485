"""Listings of Wildberries beyond new orders: cursors, windows, statuses, supplies, and what may come back."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sellermind.errors import RecordGone, Refused, Unreadable
from sellermind.marketplaces.paging import next_cursor
from sellermind.marketplaces.rows import read_rows
from sellermind.marketplaces.wildberries import WildberriesClient
from sellermind.marketplaces.wildberries_supplies import read_box, read_order_id, read_status, read_supply
from sellermind.models.supplies import SupplyState
from sellermind.models.windows import Window
from tests.sellermind.marketplaces.raw_server import RawServer, http, page

BEYOND_JAVASCRIPT = 1791043298619861001


def test_a_page_is_asked_with_limit_cursor_and_seconds(server: RawServer, wildberries: WildberriesClient) -> None:
    server.answers(page({"orders": [], "supplies": [], "next": 0}))
    tashkent = timezone(timedelta(hours=5))
    window = Window(since=datetime(2026, 11, 1, 5, tzinfo=tashkent), until=datetime(2026, 11, 24, tzinfo=UTC))
    wildberries.orders(BEYOND_JAVASCRIPT, window)
    wildberries.orders(0, None)
    wildberries.supplies(7)
    assert [request.split(" ")[1] for request in server.requests] == [
        "/api/v3/orders?limit=1000&next=1791043298619861001&dateFrom=1793491200&dateTo=1795478400",
        "/api/v3/orders?limit=1000&next=0",
        "/api/v3/supplies?limit=1000&next=7",
    ]


@pytest.mark.parametrize(
    ("asked", "given", "rows", "following"),
    [
        (0, 13833711, 1000, 13833711),
        (0, 13833711, 1, 13833711),
        (0, BEYOND_JAVASCRIPT, 1, BEYOND_JAVASCRIPT),
        (7, 0, 1000, None),
        (7, 0, 0, None),
        (7, None, 3, None),
        (7, 7, 3, None),
        (7, 8, 0, None),
        (7, 5, 3, 5),
    ],
)
def test_a_listing_ends_at_zero_at_an_empty_page_or_at_its_own_cursor_and_never_at_a_short_page(
    asked: int, given: Any, rows: int, following: int | None
) -> None:
    assert next_cursor("a page", asked, given, rows) == following


@pytest.mark.parametrize("given", ["13833711", 1.5, True, {}])
def test_a_cursor_that_is_no_number_is_unreadable(given: Any) -> None:
    with pytest.raises(Unreadable, match="next is not a number"):
        next_cursor("a page", 0, given, 1)


def test_a_page_whose_rows_are_all_set_aside_is_not_the_end(server: RawServer, wildberries: WildberriesClient) -> None:
    server.answers(page({"orders": [{"id": None}], "next": 9}))
    found = wildberries.orders(0, None)
    assert (found.orders, len(found.set_aside), found.next) == ((), 1, 9)


@pytest.mark.parametrize("answer", [http(204), page({"next": 0}), page({"orders": None, "next": 5}), page({})])
def test_a_page_without_a_list_is_empty_and_the_last(
    server: RawServer, wildberries: WildberriesClient, answer: bytes
) -> None:
    server.answers(answer)
    found = wildberries.orders(3, None)
    assert (found.orders, found.next) == ((), None)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)),
        (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)),
        (datetime(2026, 11, 1), datetime(2026, 11, 2)),  # noqa: DTZ001 - naive is the point
    ],
)
def test_a_window_is_aware_and_runs_forward(since: datetime, until: datetime) -> None:
    with pytest.raises(ValidationError):
        Window(since=since, until=until)


@pytest.mark.parametrize("year", [1970, 1999, 2100])
def test_a_window_outside_this_century_is_a_slip_and_costs_no_call(
    server: RawServer, wildberries: WildberriesClient, year: int
) -> None:
    day = datetime(year, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="outside 2000 to 2099"):
        wildberries.orders(0, Window(since=day, until=day + timedelta(days=1)))
    assert server.requests == []


def test_statuses_are_asked_for_numbers(server: RawServer, wildberries: WildberriesClient) -> None:
    server.answers(page({"orders": []}))
    wildberries.statuses([1, 2**62])
    assert json.loads(server.requests[0].partition("\r\n\r\n")[2]) == {"orders": [1, 2**62]}


def test_an_unknown_status_is_kept_and_a_missing_one_wipes_nothing(
    server: RawServer, wildberries: WildberriesClient
) -> None:
    rows = [
        {"id": 1, "supplierStatus": "teleported", "wbStatus": "на луне"},
        {"id": 2, "supplierStatus": "confirm"},
        {"id": 3, "supplierStatus": None, "wbStatus": "sorted"},
        {"id": 4, "supplierStatus": "confirm", "wbStatus": ""},
        {"id": 1, "supplierStatus": "confirm", "wbStatus": "waiting"},
    ]
    server.answers(page({"orders": rows}))
    found = wildberries.statuses([1, 2, 3, 4, 5])
    assert [(s.external_order_id, s.supplier_status) for s in found.statuses] == [("1", "confirm")]
    assert [row.external_id for row in found.set_aside] == ["2", "3", "4"]


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, SupplyState.OPEN),
        ({"done": False, "closedAt": None, "scanDt": None}, SupplyState.OPEN),
        ({"done": True}, SupplyState.CLOSED),
        ({"closedAt": "2026-11-20T09:00:00Z"}, SupplyState.CLOSED),
        ({"done": True, "scanDt": "2026-11-20T12:00:00Z"}, SupplyState.ACCEPTED),
    ],
)
def test_the_state_of_a_supply_follows_from_what_wildberries_says(fields: dict[str, Any], state: SupplyState) -> None:
    _, supply = read_supply({"id": "WB-GI-1"} | fields)
    assert supply.state is state


def test_a_bad_supply_is_set_aside_and_the_page_goes_on(server: RawServer, wildberries: WildberriesClient) -> None:
    server.answers(page({"supplies": [{"name": "?"}, {"id": "WB-GI-2"}, {"id": "", "done": 7}], "next": 4}))
    found = wildberries.supplies(0)
    assert ([supply.external_supply_id for supply in found.supplies], found.next) == (["WB-GI-2"], 4)
    assert len(found.set_aside) == 2


def test_the_contents_of_a_supply_are_orders_and_boxes_each_once(
    server: RawServer, wildberries: WildberriesClient
) -> None:
    server.answers(page({"orderIds": [5, 6, 5, None, "7"]}))
    orders = wildberries.supply_orders("WB-GI-1")
    assert (orders.external_supply_id, orders.external_ids, len(orders.set_aside)) == ("WB-GI-1", ("5", "6"), 2)
    server.answers(page({"trbxes": [{"id": "WB-TRBX-1"}, {"id": "WB-TRBX-2"}, {}]}))
    boxes = wildberries.supply_boxes("WB-GI-1")
    assert (boxes.external_ids, len(boxes.set_aside)) == (("WB-TRBX-1", "WB-TRBX-2"), 1)
    assert "GET /api/v3/supplies/WB-GI-1/trbx HTTP" in server.requests[1]


def test_an_id_cannot_lead_to_another_path(server: RawServer, wildberries: WildberriesClient) -> None:
    server.answers(page({"trbxes": []}))
    wildberries.supply_boxes("../../v1/x?y#z")
    assert "GET /api/v3/supplies/..%2F..%2Fv1%2Fx%3Fy%23z/trbx HTTP" in server.requests[0]


@pytest.mark.parametrize("ask", [WildberriesClient.supply_orders, WildberriesClient.supply_boxes])
def test_a_supply_that_is_gone_is_told_from_a_path_that_is(
    server: RawServer, wildberries: WildberriesClient, ask: Callable[[WildberriesClient, str], Any]
) -> None:
    server.answers(http(404, b'{"code": "NotFound", "message": "no such supply"}'))
    with pytest.raises(RecordGone):
        ask(wildberries, "WB-GI-1")
    server.answers(http(404, b'{"title": "path not found", "detail": "", "code": "1-2", "requestId": "r"}'))
    with pytest.raises(Refused):
        ask(wildberries, "WB-GI-1")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ["id", "supplierStatus", "wbStatus", "name", "done", "createdAt", "closedAt", "scanDt", "cargoType"]


@given(st.lists(anything | st.dictionaries(st.sampled_from(FIELDS), anything), max_size=5))
def test_whatever_rows_come_each_is_read_or_set_aside(rows: list[Any]) -> None:
    readers: list[Callable[[Any], tuple[Any, Any]]] = [read_status, read_supply, read_order_id, read_box]
    for read in readers:
        found, set_aside = read_rows(rows, read)
        assert len(found) + len(set_aside) <= len(rows)
