"""The Uzum stand-in: tokens, shops, orders by status, limits."""

from datetime import datetime
from typing import Any

import httpx
import pytest

from sandbox.clock import Clock
from sandbox.options import WorldOptions
from sandbox.uzum.order_calls import STATUSES
from sandbox.uzum.world import World
from tests.fixtures.sandbox import Json, Sandbox

ORDERS = "/api/seller-openapi/v2/fbs/orders"
HOUR = 3600
START = 1_795_500_000.0


@pytest.fixture
def uzum(sandbox: Sandbox) -> Sandbox:
    """Three sellers with one, two and three shops; 120 orders each, all new."""
    sandbox.reset(sellers=1, uzum_sellers=3, open_orders=120, history_days=10)
    sandbox.limit(per_minute=60_000, burst=1000, per_day=100_000, marketplace="uzum")
    return sandbox


def card(sandbox: Sandbox, place: int = 0) -> Json:
    return [seller for seller in sandbox.sellers() if seller["marketplace"] == "uzum"][place]


def shop_ids(seller: Json) -> list[int]:
    return [shop["id"] for shop in seller["shops"]]


def get(sandbox: Sandbox, seller: Json, path: str = ORDERS, token: str | None = None, **query: Any) -> httpx.Response:
    headers = {"Authorization": seller["token"] if token is None else token}
    return sandbox.http.get(path, headers=headers, params=query or None)


def walk(sandbox: Sandbox, seller: Json, **query: Any) -> list[Json]:
    rows: list[Json] = []
    for page in range(100):
        found = get(sandbox, seller, shopIds=shop_ids(seller), page=page, size=50, **query).json()["payload"]["orders"]
        rows += found
        if len(found) < 50:
            return rows
    raise AssertionError("no end")


def test_the_eleven_statuses_together_are_the_truth(uzum: Sandbox) -> None:
    for _ in range(8):
        uzum.world(live_seconds=6 * HOUR)
    seller = card(uzum, 2)
    truth = {order["id"]: order for order in uzum.truth(seller["sid"])["orders"]}

    found = {status: walk(uzum, seller, status=status) for status in STATUSES}
    assert sorted(order["id"] for rows in found.values() for order in rows) == sorted(truth)
    assert sum(bool(rows) for rows in found.values()) >= 6
    for status, rows in found.items():
        assert all(order["status"] == status for order in rows)
        assert all(order["orderItems"] == truth[order["id"]]["orderItems"] for order in rows)


def test_without_status_only_created_orders_come(uzum: Sandbox) -> None:
    seller = card(uzum)
    uzum.world(live_seconds=5 * HOUR)

    assert {order["status"] for order in walk(uzum, seller)} == {"CREATED"}
    assert len(walk(uzum, seller)) < 120


def test_a_page_holds_fifty_and_its_total_is_its_own(uzum: Sandbox) -> None:
    seller = card(uzum)
    pages = [get(uzum, seller, shopIds=shop_ids(seller), size=50, page=page).json()["payload"] for page in range(4)]

    assert [len(page["orders"]) for page in pages] == [50, 50, 20, 0]
    assert [page["totalAmount"] for page in pages] == [50, 50, 20, 0]
    assert get(uzum, seller, shopIds=shop_ids(seller), size=51).status_code == 400


def test_shops_are_named_by_a_repeated_key_and_must_be_ones_own(uzum: Sandbox) -> None:
    first, second = card(uzum, 0), card(uzum, 1)

    one, both = shop_ids(second)[:1], shop_ids(second)
    assert len(get(uzum, second, shopIds=both, size=50, page=2).json()["payload"]["orders"]) == 20
    assert {order["shopId"] for order in get(uzum, second, shopIds=one).json()["payload"]["orders"]} == set(one)
    assert get(uzum, second, f"{ORDERS}?shopIds[0]={one[0]}").json()["errors"][0]["code"] == "bad-request"
    assert get(uzum, second, shopIds=shop_ids(first)).json()["errors"][0]["code"] == "fbs-2-seller-access-denied"
    assert get(uzum, second, "/api/seller-openapi/v1/shops").json() == second["shops"]


def test_dates_are_seconds_and_milliseconds_find_nothing_without_a_word(uzum: Sandbox) -> None:
    seller = card(uzum)
    now = int(uzum.truth(seller["sid"])["at"])
    truth = uzum.truth(seller["sid"])["orders"]
    since = now - 48 * HOUR

    young = [one["id"] for one in truth if datetime.fromisoformat(one["dateCreated"]).timestamp() >= since]
    assert {order["id"] for order in walk(uzum, seller, dateFrom=since)} == set(young)
    answer = get(uzum, seller, shopIds=shop_ids(seller), dateFrom=since * 1000, dateTo=now * 1000)
    assert (answer.status_code, answer.json()["payload"]) == (200, {"orders": [], "totalAmount": 0})
    backwards = get(uzum, seller, shopIds=shop_ids(seller), dateFrom=now, dateTo=since)
    assert (backwards.status_code, backwards.json()["errors"][0]["code"]) == (400, "seller-order-12")


def test_some_shops_write_the_creation_as_milliseconds_and_others_as_text(uzum: Sandbox) -> None:
    kinds = {type(order["dateCreated"]) for order in walk(uzum, card(uzum, 2))}

    assert kinds == {int, str}


def test_one_order_and_the_count_of_a_status_can_be_asked_for(uzum: Sandbox) -> None:
    seller = card(uzum)
    rows = walk(uzum, seller)

    one = get(uzum, seller, f"/api/seller-openapi/v1/fbs/order/{rows[0]['id']}").json()["payload"]
    assert one == rows[0]
    missing = get(uzum, seller, "/api/seller-openapi/v1/fbs/order/1")
    assert (missing.status_code, missing.json()["errors"][0]["code"]) == (400, "seller-order-01")
    counted = get(uzum, seller, f"{ORDERS}/count", shopIds=shop_ids(seller), status="CREATED").json()["payload"]
    assert counted == sum(order["scheme"] == "FBS" for order in rows)


def test_a_token_is_bare_or_unknown(uzum: Sandbox) -> None:
    seller = card(uzum)
    shops = "/api/seller-openapi/v1/shops"

    assert get(uzum, seller, shops).status_code == 200
    with_bearer = get(uzum, seller, shops, token=f"Bearer {seller['token']}")
    assert (with_bearer.status_code, with_bearer.json()["errors"][0]["code"]) == (403, "forbidden-001")
    assert get(uzum, seller, shops, token="").status_code == 401
    assert get(uzum, seller, "/api/seller-openapi/v9/nothing").status_code == 403
    products_only = seller["tokens"]["products_only"]
    assert get(uzum, seller, shops, token=products_only).status_code == 200
    assert get(uzum, seller, token=products_only, shopIds=shop_ids(seller)).status_code == 403

    renewed = uzum.renew_token(seller["sid"])
    assert get(uzum, seller, shops).status_code == 403
    assert get(uzum, seller, shops, token=renewed).status_code == 200


def test_two_requests_a_second_pass_and_every_answer_tells_the_rate(sandbox: Sandbox) -> None:
    sandbox.reset(uzum_sellers=1)
    seller = card(sandbox)

    answers = [get(sandbox, seller, "/api/seller-openapi/v1/shops") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].content == b""
    assert "retry-after" not in answers[2].headers
    rates = {name: value for name, value in answers[2].headers.items() if name.startswith("x-ratelimit")}
    assert rates == {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-replenish-rate": "2",
        "x-ratelimit-burst-capacity": "2",
        "x-ratelimit-requested-tokens": "1",
        "x-ratelimit-limit-per-day": "10000",
        "x-ratelimit-remaining-per-day": "9998",
    }


def test_a_spent_day_is_over_at_the_marketplaces_midnight(uzum: Sandbox) -> None:
    uzum.limit(per_minute=60_000, burst=1000, per_day=2, marketplace="uzum")
    seller = card(uzum)
    shops = "/api/seller-openapi/v1/shops"

    answers = [get(uzum, seller, shops) for _ in range(3)]
    assert [answer.headers["x-ratelimit-remaining-per-day"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].status_code == 429
    uzum.world(skip_seconds=24 * HOUR)
    assert get(uzum, seller, shops).status_code == 200


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("throttle", 429, ""),
        ("unauthorized", 401, '"unauthorized"'),
        ("forbidden", 403, "fbs-2-seller-access-denied"),
        ("forbidden-gateway", 403, "Token not found"),
        ("server-error", 502, "<html>"),
        ("null-list", 200, '"orders":null'),
    ],
)
def test_faults_come_in_uzums_own_forms(uzum: Sandbox, kind: str, status: int, body: str) -> None:
    seller = card(uzum)
    uzum.fault(kind, seller=seller["sid"])

    answer = get(uzum, seller, shopIds=shop_ids(seller))
    assert answer.status_code == status
    assert body in answer.text
    assert get(uzum, card(uzum, 1), shopIds=shop_ids(card(uzum, 1))).status_code == 200


def test_bad_rows_and_unknown_statuses_reach_uzum_too(uzum: Sandbox) -> None:
    seller = card(uzum)
    uzum.fault("unknown-status", count=1)
    page = get(uzum, seller, shopIds=shop_ids(seller)).json()["payload"]["orders"]
    assert {order["status"] for order in page} == {"TELEPORTED"}

    uzum.fault("bad-rows", damage="missing-id")
    page = get(uzum, seller, shopIds=shop_ids(seller)).json()["payload"]["orders"]
    assert not any("id" in order for order in page)


def test_orders_can_be_made_and_moved_by_hand(uzum: Sandbox) -> None:
    seller = card(uzum)
    (order,) = uzum.make_orders(seller["sid"])
    done = [uzum.do(seller["sid"], verb, order) for verb in ("accept", "ship", "hand_over", "ship")]

    assert done == [[order], [], [order], [order]]
    made = next(one for one in uzum.truth(seller["sid"])["orders"] if one["id"] == order)
    assert made["status"] == "DELIVERING"
    assert made["invoiceNumber"] > 120_000_000_000
    assert made["acceptedDate"]
    assert made["deliveringDate"]


def test_the_same_seed_gives_the_same_uzum_whoever_looked() -> None:
    assert picture([40.0]) == picture([1.0, 7.0, 39.0, 40.0])


def test_as_many_orders_are_open_at_the_start_as_were_asked_for() -> None:
    options = WorldOptions(uzum_sellers=2, open_orders=300, rate=0)
    world = World(options, Clock(1, lambda: START))

    for sid in world.names():
        seller = world.seller(sid)
        assert sum(not order.final for order in seller.by_id.values()) == 300


def test_every_status_is_reached_by_some_order() -> None:
    options = WorldOptions(uzum_sellers=2, open_orders=800, rate=0, speed=0)
    clock = Clock(0, lambda: START)
    world = World(options, clock)
    seen: set[str] = set()
    for _ in range(150):
        clock.live(2 * HOUR)
        seen |= {status for sid in world.names() for status, rows in world.seller(sid).by_status.items() if rows}

    assert seen == STATUSES


def picture(hours: list[float]) -> list[bytes]:
    now = [START]
    options = WorldOptions(uzum_sellers=2, open_orders=40, rate=1)
    world = World(options, Clock(1, lambda: now[0]))
    for hour in hours:
        now[0] = START + hour * HOUR
        world.move_on()
    return [order.as_json() for sid in world.names() for order in world.seller(sid).by_id.values()]
