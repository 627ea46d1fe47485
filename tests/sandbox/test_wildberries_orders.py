"""The Wildberries stand-in: tokens, the rate bucket, orders."""

import base64
import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox


def ask(sandbox: Sandbox, path: str, token: str, **how: Any) -> httpx.Response:
    return sandbox.http.request(how.pop("method", "GET"), path, headers={"Authorization": token}, **how)


def test_new_orders_are_shown_until_they_are_taken_or_given_up(sandbox: Sandbox) -> None:
    seller = sandbox.sellers()[0]
    ids = sandbox.make_orders(seller["sid"], 4)

    assert [order["id"] for order in ask(sandbox, "/api/v3/orders/new", seller["token"]).json()["orders"]] == ids
    sandbox.do(seller["sid"], "assemble", ids[0])
    sandbox.do(seller["sid"], "decline", ids[1])
    sandbox.do(seller["sid"], "cancel", ids[2])
    assert [order["id"] for order in ask(sandbox, "/api/v3/orders/new", seller["token"]).json()["orders"]] == ids[3:]


def test_each_seller_sees_its_own_orders(sandbox: Sandbox) -> None:
    first, second, _ = sandbox.sellers()
    sandbox.make_orders(first["sid"], 2)

    assert len(ask(sandbox, "/api/v3/orders/new", first["tokens"]["service"]).json()["orders"]) == 2
    assert ask(sandbox, "/api/v3/orders/new", second["token"]).json() == {"orders": []}


def test_tokens_carry_the_claims_of_real_ones(sandbox: Sandbox) -> None:
    seller = sandbox.sellers()[0]
    body = seller["token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))

    assert claims["sid"] == seller["sid"]
    assert claims["acc"] == 3
    assert claims["t"] is False
    assert claims["s"] >> 4 & 1
    assert not claims["s"] >> 30 & 1
    assert {"exp", "id", "for"} <= claims.keys()


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("expired", "token problem; token is expired"),
        ("no_marketplace", "token scope not allowed"),
        ("test", "token scope not allowed"),
    ],
)
def test_a_token_that_does_not_fit_gets_the_gateways_401(sandbox: Sandbox, name: str, detail: str) -> None:
    answer = ask(sandbox, "/api/v3/orders/new", sandbox.sellers()[0]["tokens"][name])

    assert answer.status_code == 401
    assert answer.json()["detail"] == detail
    assert answer.json()["origin"] == "s2s-api-auth-catalog"
    assert answer.json()["requestId"]


@pytest.mark.parametrize("change", ["cut", "forged", "none", "withdrawn"])
def test_a_token_that_is_not_one_of_ours_gets_401(sandbox: Sandbox, change: str) -> None:
    seller = sandbox.sellers()[0]
    head, body, signature = seller["token"].split(".")
    tokens = {
        "cut": f"{head}.{body}",
        "forged": f"{head}.{body}.{signature[::-1]}",
        "none": "",
        "withdrawn": seller["token"],
    }
    if change == "withdrawn":
        renewed = sandbox.renew_token(seller["sid"])
        assert ask(sandbox, "/api/v3/orders/new", renewed).status_code == 200

    answer = ask(sandbox, "/api/v3/orders/new", tokens[change])
    assert answer.status_code == 401
    assert answer.json()["detail"].startswith("token problem")


def test_a_wrong_parameter_gets_the_services_400_and_costs_ten(sandbox: Sandbox) -> None:
    token = sandbox.sellers()[0]["token"]

    answer = ask(sandbox, "/api/v3/orders", token, params={"limit": 1001, "next": 0})
    assert answer.status_code == 400
    assert answer.json()["code"] == "IncorrectParameter"
    assert answer.headers["X-Ratelimit-Remaining"] == "10"


def test_two_bad_calls_empty_the_burst_and_the_third_is_throttled(sandbox: Sandbox) -> None:
    seller = sandbox.sellers()[0]
    for _ in range(2):
        ask(sandbox, "/api/v3/orders", seller["token"])

    answer = ask(sandbox, "/api/v3/orders/new", seller["tokens"]["service"])
    assert answer.status_code == 429
    assert "X-Ratelimit-Remaining" not in answer.headers
    assert answer.headers["X-Ratelimit-Retry"] == "1"
    assert answer.headers["X-Ratelimit-Limit"] == "20"
    assert answer.headers["X-Ratelimit-Reset"] == "4"
    assert answer.json()["detail"] == f"Limited by global limiter, per seller {seller['sid']}"


@pytest.mark.parametrize(("offset", "skip"), [(-3600, 0), (3600, 0), (0, 7200)])
def test_a_marketplace_whose_clock_is_off_says_so_in_its_date(sandbox: Sandbox, offset: int, skip: int) -> None:
    sandbox.reset(clock_offset=offset)
    sandbox.world(skip_seconds=skip)
    sandbox.make_orders("0")

    answer = ask(sandbox, "/api/v3/orders/new", sandbox.sellers()[0]["token"])
    date = parsedate_to_datetime(answer.headers["date"])
    assert abs((date - datetime.now(UTC)).total_seconds() - offset - skip) < 30
    assert abs(date - datetime.fromisoformat(answer.json()["orders"][0]["createdAt"])) < timedelta(seconds=30)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"sellers":0}', b'{"planets":9}', b'{"speed":"fast"}'])
def test_a_world_that_cannot_be_is_refused_and_the_old_one_stays(sandbox: Sandbox, body: bytes) -> None:
    ids = sandbox.make_orders("0", 2)

    answer = sandbox.http.post("/sandbox/reset", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert [order["id"] for order in sandbox.truth("0")["orders"]] == ids


def test_stats_count_requests_and_throttled_ones_by_seller_and_path(sandbox: Sandbox) -> None:
    first, second, _ = sandbox.sellers()
    sandbox.limit(per_minute=60, burst=1)
    for seller in (first, first, second):
        ask(sandbox, "/api/v3/orders/new", seller["token"])

    stats = sandbox.stats()
    assert (stats["requests"], stats["throttled"]) == (3, 1)
    assert {(row["seller"], row["requests"], row["throttled"]) for row in stats["paths"]} == {
        (first["sid"], 2, 1),
        (second["sid"], 1, 0),
    }


def test_orders_arrive_by_themselves_at_the_rate(sandbox: Sandbox) -> None:
    seller = sandbox.reset(rate=60)[0]
    sandbox.world(skip_seconds=600)

    orders = sandbox.truth(seller["sid"])["orders"]
    assert 480 < len(orders) < 720
    assert ask(sandbox, "/api/v3/orders/new", seller["token"]).json()["orders"][0]["id"] == orders[0]["id"]
