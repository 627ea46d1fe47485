"""The stand-in model's faults, its providers' error bodies, and what it counts as paid."""

import json
from typing import Any

import httpx
import pytest

from tests.fixtures.model import ModelServer

Json = dict[str, Any]

CHAT: Json = {"model": "gpt-4o-mini", "max_tokens": 500, "messages": [{"role": "user", "content": "hello"}]}
MESSAGES: Json = {**CHAT, "model": "claude-sonnet-5"}
TOOL: Json = {
    "type": "function",
    "function": {
        "name": "find_orders",
        "parameters": {"type": "object", "properties": {"page": {"type": "integer"}}, "required": ["page"]},
    },
}
ORDERS: Json = {**CHAT, "messages": [{"role": "user", "content": "orders?"}], "tools": [TOOL]}

REFUSALS = [
    ("rate-limit", (429, "rate_limit_exceeded"), (429, "rate_limit_error")),
    ("quota", (429, "insufficient_quota"), (402, "billing_error")),
    ("overloaded", (503, None), (529, "overloaded_error")),
    ("server-error", (500, None), (500, "api_error")),
    ("context", (400, "context_length_exceeded"), (400, "invalid_request_error")),
    ("unauthorized", (401, "invalid_api_key"), (401, "authentication_error")),
    ("not-found", (404, "model_not_found"), (404, "not_found_error")),
]


@pytest.mark.parametrize(("kind", "openai", "anthropic"), REFUSALS)
def test_a_refusal_has_each_provider_s_form(
    model_server: ModelServer, kind: str, openai: tuple[int, str | None], anthropic: tuple[int, str]
) -> None:
    model_server.fault(kind, count=2)
    chat = model_server.post("/v1/chat/completions", CHAT)
    messages = model_server.post("/v1/messages", MESSAGES)
    assert (chat.status_code, chat.json()["error"]["code"]) == openai
    assert (messages.status_code, messages.json()["error"]["type"]) == anthropic
    assert model_server.post("/v1/chat/completions", CHAT).is_success
    assert model_server.stats()["paid"] == 1


def test_a_throttle_says_how_long_in_either_header(model_server: ModelServer) -> None:
    model_server.fault("rate-limit", retry=3)
    model_server.fault("rate-limit", retry=250, header="retry-after-ms")
    assert model_server.post("/v1/chat/completions", CHAT).headers["retry-after"] == "3"
    assert model_server.post("/v1/chat/completions", CHAT).headers["retry-after-ms"] == "250"


def test_a_small_server_s_context_error_is_llama_s(model_server: ModelServer) -> None:
    model_server.reset(ignores_tools=True, context_tokens=16)
    response = model_server.post("/v1/chat/completions", {**CHAT, "messages": [{"role": "user", "content": "x" * 99}]})
    assert (response.status_code, response.json()["error"]["type"]) == (400, "exceed_context_size_error")


def test_a_cut_answer_holds_half_a_tool_call(model_server: ModelServer) -> None:
    model_server.fault("cut")
    choice = model_server.post("/v1/chat/completions", ORDERS).json()["choices"][0]
    assert choice["finish_reason"] == "length"
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(choice["message"]["tool_calls"][0]["function"]["arguments"])


def test_spoiled_replies_are_as_their_names_say(model_server: ModelServer) -> None:
    for kind in ("bad-json", "wrong-tool", "wrong-arguments", "content-filter", "empty", "no-choices", "no-usage"):
        model_server.fault(kind)
    answers = [model_server.post("/v1/chat/completions", ORDERS).json() for _ in range(7)]
    functions = [answer["choices"][0]["message"]["tool_calls"][0]["function"] for answer in answers[:3]]
    assert functions[0] == {"name": "find_orders", "arguments": "{'id': 1,}"}
    assert functions[1]["name"] == "delete_all_orders"
    assert functions[2] == {"name": "find_orders", "arguments": '{"nonsense": [1]}'}
    assert answers[3]["choices"][0]["finish_reason"] == "content_filter"
    assert answers[4]["choices"][0]["message"]["content"] is None
    assert answers[5]["choices"] == []
    assert "usage" not in answers[6]


def test_a_looping_model_asks_for_the_same_tool_for_ever(model_server: ModelServer) -> None:
    model_server.fault("tool-loop", count=None)
    messages = list(ORDERS["messages"])
    seen = set()
    for _ in range(4):
        message = model_server.post("/v1/chat/completions", {**ORDERS, "messages": messages}).json()["choices"][0][
            "message"
        ]
        call = message["tool_calls"][0]
        seen.add((call["function"]["name"], call["function"]["arguments"]))
        messages += [message, {"role": "tool", "tool_call_id": call["id"], "content": "[]"}]
    assert len(seen) == 1


def test_a_lost_answer_is_paid_and_a_reset_one_is_not(model_server: ModelServer) -> None:
    model_server.fault("lost")
    model_server.fault("reset")
    for paid in (1, 1):
        with pytest.raises(httpx.RemoteProtocolError):
            model_server.post("/v1/chat/completions", CHAT)
        assert model_server.stats()["paid"] == paid


def test_a_hanging_server_says_nothing_and_a_dripping_one_says_it_slowly(model_server: ModelServer) -> None:
    model_server.fault("hang", delay=0.2)
    model_server.fault("drip", delay=0.0)
    with pytest.raises(httpx.RemoteProtocolError):
        model_server.post("/v1/chat/completions", CHAT)
    assert model_server.post("/v1/chat/completions", CHAT).json()["object"] == "chat.completion"


def test_an_unanswered_tool_call_is_refused_by_both(model_server: ModelServer) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "find_orders", "arguments": "{}"}}
    chat = [{"role": "user", "content": "x"}, {"role": "assistant", "content": None, "tool_calls": [call]}]
    assert model_server.post("/v1/chat/completions", {**CHAT, "messages": chat}).status_code == 400
    use = {"type": "tool_use", "id": "c1", "name": "find_orders", "input": {}}
    messages = [{"role": "user", "content": "x"}, {"role": "assistant", "content": [use]}]
    assert model_server.post("/v1/messages", {**MESSAGES, "messages": messages}).status_code == 400


def test_schemas_outside_a_provider_s_subset_are_refused(model_server: ModelServer) -> None:
    open_object = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    named = {"name": "x", "strict": True, "schema": open_object}
    chat = model_server.post(
        "/v1/chat/completions", {**CHAT, "response_format": {"type": "json_schema", "json_schema": named}}
    )
    assert chat.status_code == 400
    bounded = open_object | {"additionalProperties": False, "properties": {"a": {"type": "string", "maxLength": 5}}}
    config = {"format": {"type": "json_schema", "schema": bounded}}
    assert model_server.post("/v1/messages", {**MESSAGES, "output_config": config}).status_code == 400


def test_a_key_is_wanted_when_the_server_has_one(model_server: ModelServer) -> None:
    model_server.reset(key="k-1")
    assert model_server.post("/v1/chat/completions", CHAT).status_code == 401
    assert model_server.post("/v1/chat/completions", CHAT, Authorization="Bearer k-1").is_success
    assert model_server.post("/v1/messages", MESSAGES, **{"x-api-key": "k-1"}).is_success


def test_one_idempotency_key_is_paid_once_where_the_server_honours_it(model_server: ModelServer) -> None:
    model_server.reset(honours_idempotency=True)
    answers = {model_server.post("/v1/chat/completions", CHAT, **{"Idempotency-Key": "k"}).text for _ in range(3)}
    assert (len(answers), model_server.stats()["paid_by_key"]) == (1, {"k": 1})


def test_an_image_s_url_gives_a_picture_until_it_expires(model_server: ModelServer) -> None:
    body = {"model": "dall-e-3", "prompt": "a mug", "n": 1}
    (made,) = model_server.post("/v1/images/generations", body).json()["data"]
    assert model_server.get(made["url"]).content.startswith(b"\x89PNG")
    model_server.reset(image_seconds=0)
    (made,) = model_server.post("/v1/images/generations", body).json()["data"]
    assert model_server.get(made["url"]).status_code == 403
    assert model_server.stats()["images"] == 1


def test_requests_are_kept_without_their_keys(model_server: ModelServer) -> None:
    model_server.post("/v1/chat/completions", CHAT, Authorization="Bearer very-secret")
    (request,) = model_server.requests()
    assert request["body"] == CHAT
    assert "very-secret" not in json.dumps(model_server.requests())


def test_an_unknown_fault_or_path_is_refused(model_server: ModelServer) -> None:
    assert model_server.post("/sandbox/faults", {"kind": "earthquake"}).status_code == 400
    assert model_server.get("/v2/chat").json()["error"]["type"] == "invalid_request_error"
    assert model_server.post("/v1/chat/completions", {"model": "m", "messages": [7]}).status_code == 400
