"""Answers other than 2xx: named by status, headers and body code; what they cost; what their messages hold."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.exceptions import ApplicationError

from sellermind.errors import AccessRevoked, MethodRefused, Refused, Throttled, Unavailable, Unreadable
from sellermind.marketplaces.refusals import Reply, failure_of, seconds_to_wait
from sellermind.marketplaces.wildberries import RULES, WildberriesClient
from tests.sellermind.marketplaces.raw_server import CountingBudget, RawServer, http

GATEWAY = {
    "title": "unauthorized",
    "detail": "token problem; token is malformed: header.claims-of-somebody.signature",
    "code": "07e4668e--a53a3d31f8b0-[UK-oWaVDUqNrKG]",
    "requestId": "7b80742415072fe8b6b7f7761f1d1211",
    "origin": "s2s-api-auth-catalog",
    "status": 401,
}
SERVICE = {"code": "IncorrectParameter", "message": "Передан некорректный параметр", "data": None}
WEEK = timedelta(days=7)


def refusal(wildberries: WildberriesClient, server: RawServer, answer: bytes) -> ApplicationError:
    server.answers(answer)
    with pytest.raises(ApplicationError) as caught:
        wildberries.new_orders()
    assert len(server.requests) == 1, "a client never repeats a request"
    return caught.value


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (400, Refused),
        (401, AccessRevoked),
        (402, Refused),
        (403, MethodRefused),
        (404, Refused),
        (408, Unavailable),
        (409, Refused),
        (410, Refused),
        (422, Refused),
        (429, Throttled),
        (451, Refused),
        (498, Refused),
        (304, Unreadable),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
        (504, Unavailable),
        (599, Unavailable),
    ],
)
@pytest.mark.parametrize("body", [json.dumps(SERVICE).encode(), b"<html>", b"", b"[]", b'{"code": {}, "errors": [1]}'])
def test_the_status_decides_whatever_the_body_is(
    wildberries: WildberriesClient, server: RawServer, status: int, name: type[ApplicationError], body: bytes
) -> None:
    failure = refusal(wildberries, server, http(status, body))
    assert type(failure) is name
    assert failure.type == name.__name__
    assert failure.non_retryable is (name in {Refused, AccessRevoked, MethodRefused})


def test_a_401_of_the_gateway_keeps_its_request_id_and_never_the_token(
    http_client: httpx.Client, server: RawServer, budget: CountingBudget
) -> None:
    client = WildberriesClient(http_client, server.url, "header.claims-of-somebody.signature", budget)
    failure = refusal(client, server, http(401, json.dumps(GATEWAY).encode()))
    assert isinstance(failure, AccessRevoked)
    assert failure.request_id == "7b80742415072fe8b6b7f7761f1d1211"
    assert failure.message == (
        "Wildberries GET /api/v3/orders/new: 401 07e4668e--a53a3d31f8b0-[UK-oWaVDUqNrKG] "
        "“token problem; token is malformed: [token]” requestId 7b80742415072fe8b6b7f7761f1d1211"
    )


@pytest.mark.parametrize("before", [0, 150, 184, 199])
@pytest.mark.parametrize("form", ["{}", '{{"detail": "{}"}}', '{{"code": "{}", "requestId": "{}"}}'])
def test_a_gateway_that_repeats_our_headers_gives_no_part_of_the_token_away(
    http_client: httpx.Client, server: RawServer, budget: CountingBudget, before: int, form: str
) -> None:
    token = "a-token-of-no-known-form-0123456789"
    echo = "x" * before + f" {token}"
    client = WildberriesClient(http_client, server.url, token, budget)
    failure = refusal(client, server, http(502, form.format(echo, echo).encode()))
    assert token[:6] not in failure.message


def test_a_refusal_of_the_service_keeps_its_code_and_words(wildberries: WildberriesClient, server: RawServer) -> None:
    failure = refusal(wildberries, server, http(400, json.dumps(SERVICE).encode()))
    assert failure.message == (
        "Wildberries GET /api/v3/orders/new: 400 IncorrectParameter “Передан некорректный параметр”"
    )


def test_a_server_error_keeps_200_characters_on_one_line(wildberries: WildberriesClient, server: RawServer) -> None:
    nasty = '<html>\n{"level":"error"}\x1b[31m\u202e\x00' + "x" * 100_000
    failure = refusal(wildberries, server, http(502, nasty.encode(), {"Content-Type": "text/html"}))
    assert failure.message.startswith('Wildberries GET /api/v3/orders/new: 502 “<html> {"level":"error"} [31m  xxx')
    assert failure.message.isprintable()
    assert len(failure.message) < 300


def test_an_error_whose_body_breaks_off_is_still_known_by_its_status(
    wildberries: WildberriesClient, server: RawServer
) -> None:
    failure = refusal(wildberries, server, http(429, b"", {"Content-Length": "99", "X-Ratelimit-Retry": "7"}))
    assert isinstance(failure, Throttled)
    assert failure.retry_after == timedelta(seconds=7)


def test_a_throttled_call_tells_the_budget_before_it_raises(
    wildberries: WildberriesClient, server: RawServer, budget: CountingBudget
) -> None:
    failure = refusal(wildberries, server, http(429, b"", {"X-Ratelimit-Retry": "18236", "X-Ratelimit-Reset": "99999"}))
    assert failure.next_retry_delay == timedelta(seconds=18236)
    assert budget.told == [("take", 1), ("refused", timedelta(seconds=18236))]


def test_another_4xx_is_charged_as_ten_calls(
    wildberries: WildberriesClient, server: RawServer, budget: CountingBudget
) -> None:
    refusal(wildberries, server, http(404, b"", {"X-Ratelimit-Remaining": "9"}))
    assert budget.told == [("take", 1), ("charge", 9), ("learn_remaining", 9)]


@pytest.mark.parametrize(("said", "told"), [("0", 0), ("17", 17), ("9" * 4400, 999_999_999)])
def test_the_remaining_calls_are_learnt_from_every_answer(
    wildberries: WildberriesClient, server: RawServer, budget: CountingBudget, said: str, told: int
) -> None:
    server.answers(http(204, headers={"X-Ratelimit-Remaining": said}))
    wildberries.new_orders()
    assert budget.told == [("take", 1), ("learn_remaining", told)]


@pytest.mark.parametrize("said", ["-1", "", "many", "1.5", "²"])
def test_remaining_calls_that_are_no_count_are_ignored(
    wildberries: WildberriesClient, server: RawServer, budget: CountingBudget, said: str
) -> None:
    server.answers(http(204, headers={"X-Ratelimit-Remaining": said}))
    wildberries.new_orders()
    assert budget.told == [("take", 1)]


def test_a_spent_budget_costs_no_request(http_client: httpx.Client, server: RawServer) -> None:
    class Spent(CountingBudget):
        def take(self) -> datetime:
            raise Throttled("the seller's budget is spent", retry_after=timedelta(seconds=9))

    with pytest.raises(Throttled):
        WildberriesClient(http_client, server.url, "t", Spent()).new_orders()
    assert server.requests == []


NOW = datetime.now(UTC).replace(microsecond=0)
IN_A_MINUTE = format_datetime(NOW + timedelta(minutes=1), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X-Ratelimit-Retry": "2"}, timedelta(seconds=2)),
        ({"x-ratelimit-retry": " 2.5 "}, timedelta(seconds=2.5)),
        ({"X-Ratelimit-Retry": "2", "Retry-After": "60"}, timedelta(seconds=2)),
        ({"Retry-After": "60"}, timedelta(seconds=60)),
        ({"X-Ratelimit-Retry": "soon", "Retry-After": "60"}, timedelta(seconds=60)),
        ({"Retry-After": IN_A_MINUTE, "Date": format_datetime(NOW, usegmt=True)}, timedelta(minutes=1)),
        ({"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}, timedelta(seconds=1)),
        ({"X-Ratelimit-Retry": "0"}, timedelta(seconds=1)),
        ({"X-Ratelimit-Retry": "-5"}, timedelta(seconds=1)),
        ({"X-Ratelimit-Retry": "9" * 400}, WEEK),
        ({"X-Ratelimit-Retry": "inf"}, WEEK),
        ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, WEEK),
        ({"X-Ratelimit-Retry": "nan"}, RULES.rate.default_wait),
        ({"X-Ratelimit-Retry": "", "Retry-After": ""}, RULES.rate.default_wait),
        ({}, RULES.rate.default_wait),
    ],
)
def test_the_wait_is_read_from_the_best_header_that_makes_sense(headers: dict[str, str], wait: timedelta) -> None:
    assert seconds_to_wait(RULES, httpx.Headers(headers)) == wait


def test_a_date_counts_from_our_clock_if_the_server_does_not_tell_its_own() -> None:
    wait = seconds_to_wait(RULES, httpx.Headers({"Retry-After": format_datetime(datetime.now(UTC) + WEEK / 7)}))
    assert timedelta(hours=23) < wait <= timedelta(days=1)


@given(st.text(), st.text())
def test_no_wait_header_makes_us_spin_or_crash(retry: str, date: str) -> None:
    headers = {"X-Ratelimit-Retry": retry, "Retry-After": retry, "Date": date}
    assert timedelta(seconds=1) <= seconds_to_wait(RULES, headers) <= WEEK


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.integers(min_value=300, max_value=599),
    st.binary()
    | st.dictionaries(st.sampled_from(["code", "errors", "detail", "trace"]), json_values).map(
        lambda body: json.dumps(body).encode()
    ),
)
def test_every_refusal_has_a_name_and_one_short_line(status: int, body: bytes) -> None:
    failure = failure_of(RULES, Reply("Wildberries GET /x", status, {}, body), secret="test-token")
    assert failure.message.isprintable()
    assert len(failure.message) < 700
