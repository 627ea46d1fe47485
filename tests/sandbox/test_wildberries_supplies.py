"""The Wildberries stand-in: listings, windows, supplies, boxes."""

from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox

DAY = 86_400


def get(sandbox: Sandbox, path: str, **query: int) -> httpx.Response:
    token = sandbox.sellers()[0]["token"]
    return sandbox.http.get(path, headers={"Authorization": token}, params=query)


def walk(sandbox: Sandbox, path: str, rows: str, limit: int, **query: int) -> list[list[Any]]:
    """Follow the cursor until it is 0; returns the pages."""
    pages, cursor = [], 0
    while True:
        body = get(sandbox, path, limit=limit, next=cursor, **query).json()
        pages.append(body[rows])
        cursor = body["next"]
        if not cursor:
            return pages


@pytest.fixture
def old(sandbox: Sandbox) -> Sandbox:
    """A seller whose orders reach 80 days back and are in every state."""
    sandbox.reset(sellers=1, open_orders=200, history_days=80, speed=1)
    sandbox.limit(per_minute=6_000_000, burst=1_000_000)
    return sandbox


def test_pages_hold_every_order_of_the_last_thirty_days_once(old: Sandbox) -> None:
    truth = old.truth("0")
    young = [order["id"] for order in truth["orders"] if age(order, truth["at"]) <= 30 * DAY]

    pages = walk(old, "/api/v3/orders", "orders", 50)
    assert [order["id"] for page in pages for order in page] == young
    assert [len(page) for page in pages[:-1]] == [50] * (len(pages) - 1)


def age(order: dict[str, Any], at: float) -> float:
    return at - datetime.fromisoformat(order["createdAt"]).timestamp()


def test_windows_find_what_thirty_days_do_not(old: Sandbox) -> None:
    truth = old.truth("0")
    now = int(truth["at"])
    found = {
        order["id"]
        for days in (30, 60, 90)
        for page in walk(
            old, "/api/v3/orders", "orders", 1000, dateFrom=now - days * DAY, dateTo=now - (days - 30) * DAY
        )
        for order in page
    }
    assert found == {order["id"] for order in truth["orders"]}


@pytest.mark.parametrize(
    ("date_from", "date_to"), [(-31 * DAY, 0), (0, -1), (-31 * DAY * 1000, -31 * DAY * 1000 + 31 * DAY)]
)
def test_a_window_over_thirty_days_or_backwards_is_refused(old: Sandbox, date_from: int, date_to: int) -> None:
    now = int(old.truth("0")["at"])

    answer = get(old, "/api/v3/orders", limit=10, next=0, dateFrom=now + date_from, dateTo=now + date_to)
    assert (answer.status_code, answer.json()["code"]) == (400, "IncorrectParameter")


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"next": 0}, {"limit": 10}])
@pytest.mark.parametrize("path", ["/api/v3/orders", "/api/v3/supplies"])
def test_limit_and_next_are_both_needed_and_bounded(old: Sandbox, path: str, query: dict[str, int]) -> None:
    if query in ({"limit": 0}, {"limit": 1001}):
        query = {**query, "next": 0}

    assert get(old, path, **query).status_code == 400


@pytest.mark.parametrize("ids", [[], list(range(1001))])
def test_statuses_are_asked_for_one_to_a_thousand_orders(old: Sandbox, ids: list[int]) -> None:
    token = old.sellers()[0]["token"]

    answer = old.http.post("/api/v3/orders/status", headers={"Authorization": token}, json={"orders": ids})
    assert (answer.status_code, answer.json()["code"]) == (400, "IncorrectParameter")


def test_statuses_are_those_of_the_truth_and_unknown_ids_are_left_out(old: Sandbox) -> None:
    token, truth = old.sellers()[0]["token"], old.truth("0")["orders"]
    ids = [order["id"] for order in truth] + [1, truth[0]["id"]]

    answer = old.http.post("/api/v3/orders/status", headers={"Authorization": token}, json={"orders": ids})
    names = ("id", "supplierStatus", "wbStatus", "isCancellable", "isTransferable")
    assert answer.json()["orders"] == [{name: order[name] for name in names} for order in truth]


def test_supplies_hold_the_orders_and_boxes_of_the_truth(old: Sandbox) -> None:
    truth = old.truth("0")
    pages = walk(old, "/api/v3/supplies", "supplies", 7)

    listed = [supply for page in pages for supply in page]
    assert [supply["id"] for supply in listed] == [supply["id"] for supply in truth["supplies"]]
    for supply in truth["supplies"]:
        ids = get(old, f"/api/marketplace/v3/supplies/{supply['id']}/order-ids").json()["orderIds"]
        boxes = get(old, f"/api/v3/supplies/{supply['id']}/trbx").json()["trbxes"]
        assert get(old, f"/api/v3/supplies/{supply['id']}").json() in listed
        assert sorted(ids) == [order["id"] for order in truth["orders"] if order.get("supplyId") == supply["id"]]
        assert [box["id"] for box in boxes] == supply["boxes"]
    assert {(supply["done"], supply["scanDt"] is not None) for supply in listed} == {
        (False, False),
        (True, False),
        (True, True),
    }


def test_an_order_cancelled_in_an_open_supply_leaves_it_and_an_emptied_supply_is_deleted(sandbox: Sandbox) -> None:
    (order,) = sandbox.make_orders("0", 1)
    sandbox.do("0", "assemble", order)
    (supply,) = sandbox.truth("0")["supplies"]
    assert get(sandbox, f"/api/marketplace/v3/supplies/{supply['id']}/order-ids").json() == {"orderIds": [order]}

    sandbox.do("0", "cancel_by_client", order)
    assert get(sandbox, f"/api/marketplace/v3/supplies/{supply['id']}/order-ids").json() == {"orderIds": []}
    assert "supplyId" not in sandbox.truth("0")["orders"][0]

    sandbox.do("0", "close", supply["id"])
    assert get(sandbox, "/api/v3/supplies", limit=10, next=0).json() == {"next": 0, "supplies": []}
    assert get(sandbox, f"/api/v3/supplies/{supply['id']}").status_code == 404


def test_a_handed_over_order_can_come_back_into_assembly(sandbox: Sandbox) -> None:
    (order,) = sandbox.make_orders("0", 1)
    sandbox.do("0", "assemble", order)
    first = sandbox.truth("0")["supplies"][0]["id"]
    sandbox.do("0", "close", first)
    assert sandbox.truth("0")["orders"][0]["supplierStatus"] == "complete"

    assert sandbox.do("0", "transfer", order) == [order]
    again = sandbox.truth("0")["orders"][0]
    assert again["supplierStatus"] == "confirm"
    assert again["supplyId"] != first


def test_a_listing_can_lag_behind_the_orders(sandbox: Sandbox) -> None:
    sandbox.make_orders("0", 2)
    sandbox.world(skip_seconds=60)
    sandbox.make_orders("0", 3)
    sandbox.fault("lagging", delay=30)

    assert len(get(sandbox, "/api/v3/orders/new").json()["orders"]) == 2
    assert len(get(sandbox, "/api/v3/orders", limit=10, next=0).json()["orders"]) == 2
    sandbox.world(skip_seconds=60)
    assert len(get(sandbox, "/api/v3/orders", limit=10, next=0).json()["orders"]) == 5


def test_a_page_is_not_empty_because_supplies_were_deleted(sandbox: Sandbox) -> None:
    for verb in (None, "cancel_by_client", None):
        (order,) = sandbox.make_orders("0", 1)
        sandbox.do("0", "assemble", order)
        if verb:
            sandbox.do("0", verb, order)
        sandbox.do("0", "close", sandbox.truth("0")["supplies"][-1]["id"])
    first, third = [[supply["id"] for supply in page] for page in walk(sandbox, "/api/v3/supplies", "supplies", 1)]
    assert [first[0], third[0]] == [supply["id"] for supply in sandbox.truth("0")["supplies"]]


def test_listings_can_page_in_ways_the_specification_does_not_rule_out(old: Sandbox) -> None:
    old.fault("short-pages", count=1)
    short = get(old, "/api/v3/orders", limit=60, next=0).json()
    assert len(short["orders"]) == 20
    assert short["next"]

    old.fault("short-pages", count=1, rows=7)
    assert len(get(old, "/api/v3/orders", limit=60, next=0).json()["orders"]) == 7

    old.fault("big-cursor", count=1)
    big = get(old, "/api/v3/orders", limit=10, next=0).json()
    assert big["next"] > 2**53
    assert get(old, "/api/v3/orders", limit=10, next=big["next"]).json()["orders"]

    old.fault("repeat-cursor", count=1)
    assert get(old, "/api/v3/orders", limit=10, next=short["next"]).json()["next"] == short["next"]

    old.fault("late-end")
    pages = walk(old, "/api/v3/orders", "orders", 1000)
    assert pages[-1] == []
    assert len(pages) == 2
