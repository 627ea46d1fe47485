"""Faults below and beside HTTP: each has a name, costs one request, and never a token."""

import gzip
import socket
import struct
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from sellermind.errors import Refused, Unavailable, Unreadable
from sellermind.marketplaces.http import Api, Call, build_http_client
from sellermind.marketplaces.wildberries import RULES, WildberriesClient
from tests.sellermind.marketplaces.raw_server import TURN, CountingBudget, RawServer, http, page

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
GET = Call("GET", "/api/v3/orders/new")


def reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def drip(peer: socket.socket, head: bytes) -> None:
    peer.sendall(head)
    for _ in range(1000):
        peer.sendall(b" ")
        time.sleep(0.02)


def go_silent_after_the_headers(peer: socket.socket) -> None:
    peer.sendall(HEAD)
    peer.recv(1)


def test_a_reset_is_unavailable(server: RawServer, wildberries: WildberriesClient) -> None:
    server.does(reset)
    with pytest.raises(Unavailable, match=r": Wildberries GET /api/v3/orders/new: (ReadError|RemoteProtocolError)$"):
        wildberries.new_orders()


def test_nothing_listening_is_unavailable(http_client: httpx.Client, budget: CountingBudget) -> None:
    gone = RawServer()
    gone.close()
    with pytest.raises(Unavailable, match="ConnectError"):
        Api(http_client, gone.url, "t", RULES, budget).send(GET)


def test_a_host_that_no_dns_knows_is_unavailable(http_client: httpx.Client, budget: CountingBudget) -> None:
    with pytest.raises(Unavailable, match="ConnectError"):
        Api(http_client, "https://nowhere.invalid", "t", RULES, budget).send(GET)


def test_a_body_cut_off_is_unavailable(server: RawServer, wildberries: WildberriesClient) -> None:
    server.answers(page({"orders": []}, **{"Content-Length": "500"}))
    with pytest.raises(Unavailable, match="RemoteProtocolError"):
        wildberries.new_orders()


def test_a_body_that_is_not_gzipped_as_it_claims_is_unavailable(
    server: RawServer, wildberries: WildberriesClient
) -> None:
    server.answers(page({"orders": []}, **{"Content-Encoding": "gzip"}))
    with pytest.raises(Unavailable, match="DecodingError"):
        wildberries.new_orders()


def test_a_gzipped_body_is_read(server: RawServer, wildberries: WildberriesClient) -> None:
    server.answers(http(200, gzip.compress(b'{"orders": [{"id": 7}]}'), {"Content-Encoding": "gzip"}))
    assert [order.external_order_id for order in wildberries.new_orders().orders] == ["7"]


@pytest.mark.parametrize("head", [HEAD, b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_an_answer_that_drips_is_given_up_at_the_deadline_be_it_body_or_header(
    http_client: httpx.Client, server: RawServer, budget: CountingBudget, head: bytes
) -> None:
    server.does(lambda peer: drip(peer, head))
    hasty = replace(RULES, deadline=timedelta(seconds=0.3))
    began = time.monotonic()
    with pytest.raises(Unavailable, match="ReadTimeout"):
        Api(http_client, server.url, "t", hasty, budget).send(GET)
    assert time.monotonic() - began < 15  # the read timeout, which each drop puts off, is 30


def test_a_silent_server_is_given_up_at_the_read_timeout(server: RawServer, budget: CountingBudget) -> None:
    server.does(go_silent_after_the_headers)
    with build_http_client() as impatient:
        assert impatient.timeout == httpx.Timeout(30, connect=5)
        impatient.timeout = httpx.Timeout(0.2)
        with pytest.raises(Unavailable, match="ReadTimeout"):
            Api(impatient, server.url, "t", RULES, budget).send(GET)


def test_a_body_over_32_megabytes_is_not_kept(server: RawServer, wildberries: WildberriesClient) -> None:
    server.answers(http(200, gzip.compress(b" " * (33 << 20), 1), {"Content-Encoding": "gzip"}))
    with pytest.raises(Unreadable, match="longer than 32 MB"):
        wildberries.new_orders()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_since_the_token_would_go_along(
    server: RawServer, wildberries: WildberriesClient, status: int
) -> None:
    with closing(RawServer()) as elsewhere:
        server.answers(http(status, headers={"Location": elsewhere.url}))
        with pytest.raises(Unreadable, match=f": Wildberries GET /api/v3/orders/new: {status}$"):
            wildberries.new_orders()
        assert elsewhere.requests == []


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/plain", ""])
def test_a_page_with_200_is_unreadable_unless_it_says_that_it_is_json(
    server: RawServer, wildberries: WildberriesClient, kind: str
) -> None:
    server.answers(http(200, b'{"orders": []}', {"Content-Type": kind}))
    with pytest.raises(Unreadable, match="instead of JSON"):
        wildberries.new_orders()


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "application/problem+json"])
def test_whatever_says_it_is_json_is_read_as_json(server: RawServer, wildberries: WildberriesClient, kind: str) -> None:
    server.answers(http(200, b'{"orders": []}', {"Content-Type": kind}))
    assert wildberries.new_orders().orders == ()


@pytest.mark.parametrize("body", [b'{"orders": [', b"{'orders': []}", b"\xff\xfe", b"[" * 100_000, b"9" * 5000])
def test_broken_json_is_unreadable(server: RawServer, wildberries: WildberriesClient, body: bytes) -> None:
    server.answers(http(200, body))
    with pytest.raises(Unreadable, match="invalid JSON"):
        wildberries.new_orders()


@pytest.mark.parametrize(
    "answer", [http(204), http(200), http(200, b"\n"), page(None), page({}), page({"orders": None})]
)
def test_no_body_and_null_are_an_empty_list(server: RawServer, wildberries: WildberriesClient, answer: bytes) -> None:
    server.answers(answer)
    found = wildberries.new_orders()
    assert (found.orders, found.set_aside) == ((), ())


@pytest.mark.parametrize("content", [{"code": "Oops", "message": "with 200"}, {"orders": {}}, {"orders": 1}, [1], "x"])
def test_json_of_another_shape_is_unreadable(
    server: RawServer, wildberries: WildberriesClient, content: object
) -> None:
    server.answers(page(content))
    with pytest.raises(Unreadable, match="no list 'orders'"):
        wildberries.new_orders()


def test_a_conflict_is_final_and_asked_once(
    server: RawServer, wildberries: WildberriesClient, budget: CountingBudget
) -> None:
    server.answers(http(409, b'{"code":"StatusMismatch","message":"the order has moved on"}'))
    with pytest.raises(Refused, match=": 409 StatusMismatch") as caught:
        wildberries.statuses([7])
    assert (caught.value.non_retryable, len(server.requests)) == (True, 1)
    assert budget.told == [("take", 1), ("charge", 9)]


def test_a_request_whose_answer_is_lost_is_not_sent_again_by_the_client(
    server: RawServer, wildberries: WildberriesClient, budget: CountingBudget
) -> None:
    server.does(lambda _peer: None)  # it has read the request, and hangs up
    with pytest.raises(Unavailable, match="RemoteProtocolError"):
        wildberries.statuses([7])
    assert (len(server.requests), budget.told) == (1, [("take", 1)])


def test_one_call_is_one_request_with_a_bare_token_and_no_cookies_of_others(
    http_client: httpx.Client, server: RawServer, budget: CountingBudget
) -> None:
    server.answers(page({"orders": []}, **{"Set-Cookie": "seller=first"}))
    WildberriesClient(http_client, server.url + "/", " Bearer one.two.three\n", budget).new_orders()
    found = WildberriesClient(http_client, server.url, "four.five.six", budget).new_orders()
    assert found.read_at == TURN  # not this machine's clock
    first, second = (request.lower().split("\r\n") for request in server.requests)
    assert "authorization: one.two.three" in first
    assert first[0] == "get /api/v3/orders/new http/1.1"
    assert "accept: application/json, */*;q=0.5" in first
    assert "authorization: four.five.six" in second
    assert not [line for line in second if line.startswith("cookie")]


def test_a_token_that_no_header_can_carry_never_shows(http_client: httpx.Client, server: RawServer) -> None:
    for token in ("", "Bearer ", "geheim\r\nX: y", "секрет", "two words"):
        with pytest.raises(Exception, match="set a new one") as caught:
            WildberriesClient(http_client, server.url, token, CountingBudget())
        assert type(caught.value).__name__ == "AccessRevoked"
        assert not token.strip() or token.strip() == "Bearer" or token not in str(caught.value)
    assert server.requests == []
