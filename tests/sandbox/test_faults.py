"""Every fault that can be switched on, seen by a plain HTTP client."""

import gzip
import time
from typing import Any

import httpx
import pytest

from tests.fixtures.patience import wait_until
from tests.fixtures.sandbox import Sandbox

NEW = "/api/v3/orders/new"


def ask(sandbox: Sandbox, path: str = NEW, seller: int = 0, **how: Any) -> httpx.Response:
    token = sandbox.sellers()[seller]["token"]
    return sandbox.http.request(how.pop("method", "GET"), path, headers={"Authorization": token}, **how)


@pytest.fixture
def orders(sandbox: Sandbox) -> list[int]:
    return sandbox.make_orders("0", 8)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"retry": 2}, {"x-ratelimit-retry": "2"}),
        ({"retry": 18236}, {"x-ratelimit-retry": "18236"}),
        ({"retry": -5}, {"x-ratelimit-retry": "-5"}),
        ({"retry": 10**30}, {"x-ratelimit-retry": str(10**30)}),
        ({"retry": "soon"}, {"x-ratelimit-retry": "soon"}),
        (
            {"retry": "Wed, 25 Nov 2026 07:28:00 GMT", "header": "Retry-After"},
            {"retry-after": "Wed, 25 Nov 2026 07:28:00 GMT"},
        ),
        ({"retry": None}, {}),
    ],
)
def test_throttling_says_how_long_in_the_way_that_was_asked(
    sandbox: Sandbox, how: dict[str, Any], expected: dict[str, str]
) -> None:
    sandbox.fault("throttle", **how)

    answer = ask(sandbox)
    assert answer.status_code == 429
    found = {
        name: value for name, value in answer.headers.items() if "retry" in name or name == "x-ratelimit-remaining"
    }
    assert found == expected


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_dead_server_answers_with_a_page(sandbox: Sandbox, status: int) -> None:
    sandbox.fault("server-error", status=status)

    answer = ask(sandbox)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "<html>" in answer.text


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("unauthorized", 401, '"origin"'),
        ("unauthorized-scope", 401, "token scope not allowed"),
        ("unauthorized-service", 401, '{"code":"Unauthorized"'),
        ("forbidden", 403, '{"code":"AccessDenied"'),
        ("forbidden-gateway", 403, "token does not satisfy additional requirements"),
        ("html", 200, "<!DOCTYPE html>"),
        ("empty", 204, ""),
        ("redirect", 302, ""),
        ("refused", 400, "IncorrectRequest"),
        ("payment-required", 402, "insufficient funds"),
        ("gone", 404, "path not found"),
        ("null-list", 200, '{"orders":null}'),
        ("empty-list", 200, '{"orders":[]}'),
    ],
)
def test_an_outage_takes_the_place_of_the_answer(
    sandbox: Sandbox, orders: list[int], kind: str, status: int, body: str
) -> None:
    sandbox.fault(kind)

    answer = ask(sandbox)
    assert answer.status_code == status
    assert body in answer.text
    sandbox.clear()
    sandbox.limit(per_minute=300, burst=20)
    assert len(ask(sandbox).json()["orders"]) == len(orders)


def test_a_redirect_leads_to_another_host(sandbox: Sandbox) -> None:
    sandbox.fault("redirect")

    assert httpx.URL(ask(sandbox).headers["location"]).host == "elsewhere.invalid"


@pytest.mark.usefixtures("orders")
def test_bad_rows_are_bad_in_every_way_and_the_truth_stays(sandbox: Sandbox) -> None:
    truth = sandbox.truth("0")["orders"]
    sandbox.fault("bad-rows")

    rows = ask(sandbox).json()["orders"]
    assert "id" not in rows[0]
    assert rows[1]["skus"] == 7
    assert len(rows[2]["article"]) == 70_000
    assert "👨‍👩‍👧‍👦" in rows[3]["article"]
    assert rows[4]["price"] == 2**70
    assert rows[5] is None
    assert rows[6]["createdAt"] == "вчера"
    assert sandbox.truth("0")["orders"] == truth


@pytest.mark.usefixtures("orders")
def test_one_damage_can_be_chosen_for_every_row(sandbox: Sandbox) -> None:
    sandbox.fault("bad-rows", damage="missing-id")

    assert not any("id" in row for row in ask(sandbox).json()["orders"])


def test_rows_can_come_twice_or_not_at_all(sandbox: Sandbox, orders: list[int]) -> None:
    sandbox.fault("duplicate-rows", count=1)
    assert [row["id"] for row in ask(sandbox).json()["orders"]] == orders + orders

    sandbox.fault("missing-rows", path="/api/v3/orders/status")
    answer = ask(sandbox, "/api/v3/orders/status", method="POST", json={"orders": orders})
    assert len(answer.json()["orders"]) == 5


def test_unknown_statuses_come_in_the_statuses(sandbox: Sandbox, orders: list[int]) -> None:
    sandbox.fault("unknown-status")

    answer = ask(sandbox, "/api/v3/orders/status", method="POST", json={"orders": orders})
    assert {row["supplierStatus"] for row in answer.json()["orders"]} == {"teleported"}
    assert {row["wbStatus"] for row in answer.json()["orders"]} == {"lost_in_space"}


def test_a_reset_and_a_cut_body_are_broken_connections(sandbox: Sandbox, orders: list[int]) -> None:
    sandbox.fault("reset", count=1)
    with pytest.raises(httpx.ReadError):
        ask(sandbox)

    sandbox.fault("cut", count=1)
    with pytest.raises(httpx.RemoteProtocolError):
        ask(sandbox)
    assert len(ask(sandbox).json()["orders"]) == len(orders)


def test_a_hanging_server_says_nothing_and_a_dripping_one_little(sandbox: Sandbox) -> None:
    sandbox.fault("hang", delay=60, count=1)
    with pytest.raises(httpx.ReadTimeout):
        ask(sandbox, timeout=0.3)

    sandbox.fault("drip", delay=0.02)
    began = time.monotonic()
    assert ask(sandbox).json() == {"orders": []}
    assert time.monotonic() - began > 0.02 * len('{"orders":[]}')


def test_gzip_is_gzip_and_the_lie_is_not(sandbox: Sandbox, orders: list[int]) -> None:
    sandbox.fault("gzip", count=1)
    with sandbox.http.stream("GET", NEW, headers={"Authorization": sandbox.sellers()[0]["token"]}) as raw:
        assert len(gzip.decompress(b"".join(raw.iter_raw()))) > 100 * len(orders)

    sandbox.fault("gzip-lie")
    with pytest.raises(httpx.DecodingError):
        ask(sandbox)


def test_latency_delays_the_right_answer(sandbox: Sandbox) -> None:
    sandbox.fault("latency", delay=0.3)
    began = time.monotonic()

    assert ask(sandbox).json() == {"orders": []}
    assert time.monotonic() - began >= 0.3


def test_a_fault_strikes_whom_where_and_as_often_as_was_asked(sandbox: Sandbox) -> None:
    sandbox.fault("server-error", seller="1", path=NEW, after=1, count=2)

    assert [ask(sandbox, seller=1).status_code for _ in range(4)] == [200, 502, 502, 200]
    assert ask(sandbox, seller=0).status_code == 200
    assert ask(sandbox, "/ping", seller=1).status_code == 200


def test_a_fault_is_over_when_its_time_is_up(sandbox: Sandbox) -> None:
    sandbox.fault("server-error", seconds=2)
    assert ask(sandbox).status_code == 502
    wait_until(lambda: ask(sandbox).status_code == 200, "it is over")


def test_a_fault_can_strike_one_status_of_a_listing(sandbox: Sandbox) -> None:
    sandbox.reset(uzum_sellers=1)
    sandbox.limit(per_minute=60_000, burst=100, marketplace="uzum")
    seller = sandbox.sellers()[-1]
    sandbox.fault("server-error", query="status=PACKING")

    path = f"/api/seller-openapi/v2/fbs/orders?shopIds={seller['shops'][0]['id']}&status="
    answers = [
        sandbox.http.get(path + status, headers={"Authorization": seller["token"]}).status_code
        for status in ("CREATED", "PACKING", "COMPLETED")
    ]
    assert answers == [200, 502, 200]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"kind":"earthquake"}',
        b'{"kind":"reset","seller":"nobody"}',
        b"[]",
        b'{"kind":"throttle","retry":"a\\nb"}',
    ],
)
def test_a_wrong_control_call_is_refused_with_the_reason(sandbox: Sandbox, body: bytes) -> None:
    answer = sandbox.http.post("/sandbox/faults", content=body)

    assert answer.status_code in {400, 404}
    assert answer.json()["error"]
    assert sandbox.http.get("/sandbox/faults").json() == {"faults": []}
