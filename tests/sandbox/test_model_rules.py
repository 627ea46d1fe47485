"""What the stand-in model answers by its rules: tools first, then an answer; valid objects; both languages."""

import json
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tests.fixtures.model import ModelServer

Json = dict[str, Any]

TOOLS: list[Json] = [
    {
        "type": "function",
        "function": {
            "name": "find_orders",
            "description": "Orders",
            "parameters": {"type": "object", "properties": {"limit": {"type": "integer"}}, "required": ["limit"]},
        },
    },
    {
        "type": "function",
        "function": {
            "name": "sales_summary",
            "description": "Sales",
            "parameters": {
                "type": "object",
                "properties": {"since": {"type": "string", "format": "date"}},
                "required": ["since"],
            },
        },
    },
    {
        "type": "function",
        "function": {
            "name": "save_description",
            "description": "Save",
            "parameters": {
                "type": "object",
                "properties": {"product_id": {"type": "integer"}, "text": {"type": "string", "maxLength": 500}},
                "required": ["product_id", "text"],
            },
        },
    },
]


class Card(BaseModel):
    """A schema as strict as ours."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=5, max_length=60)
    description: str = Field(min_length=100, max_length=1000)
    keywords: list[str] = Field(min_length=2, max_length=4)
    weight: int = Field(ge=1, le=20)


def ask(server: ModelServer, messages: list[Json], **more: object) -> Json:
    body = {"model": "gpt-4o-mini", "max_tokens": 2000, "messages": messages, **more}
    response = server.post("/v1/chat/completions", body)
    assert response.status_code == 200, response.text
    return dict(response.json())


def card_request(text: str) -> Json:
    schema = {"name": "card", "strict": True, "schema": Card.model_json_schema()}
    return {
        "messages": [{"role": "user", "content": text}],
        "response_format": {"type": "json_schema", "json_schema": schema},
    }


def test_it_reads_with_two_tools_at_once_then_saves_then_answers(model_server: ModelServer) -> None:
    messages: list[Json] = [{"role": "user", "content": "Какие заказы и продажи? Потом сохрани описание товара 42."}]
    names = []
    for _ in range(3):
        choice = ask(model_server, messages, tools=TOOLS)["choices"][0]
        calls = choice["message"].get("tool_calls") or []
        names.append([call["function"]["name"] for call in calls])
        messages.append(choice["message"])
        messages += [{"role": "tool", "tool_call_id": call["id"], "content": '{"found": 3}'} for call in calls]
    assert names == [["find_orders", "sales_summary"], ["save_description"], []]
    assert choice["finish_reason"] == "stop"
    assert "find_orders" in choice["message"]["content"]
    saved = json.loads(messages[-3]["tool_calls"][0]["function"]["arguments"])
    assert saved["product_id"] == 42


def test_the_same_transcript_gets_the_same_answer(model_server: ModelServer) -> None:
    messages = [{"role": "user", "content": "Сколько заказов?"}]
    first, second = (ask(model_server, messages, tools=TOOLS)["choices"][0]["message"] for _ in range(2))
    assert first == second


def test_a_json_schema_gets_a_valid_object_in_russian(model_server: ModelServer) -> None:
    answer = ask(model_server, **card_request('Write in Russian. {"name": "Кружка 300 мл"}'))
    card = Card.model_validate_json(answer["choices"][0]["message"]["content"])
    assert card.title.startswith("Кружка 300 мл")
    assert not re.search("[A-Za-z]", card.description)


def test_a_json_schema_gets_a_valid_object_in_uzbek(model_server: ModelServer) -> None:
    answer = ask(model_server, **card_request('Write in Uzbek. {"name": "Кружка"}'))
    card = Card.model_validate_json(answer["choices"][0]["message"]["content"])
    assert not re.search(r"[\u0400-\u04ff]", card.model_dump_json())


def test_anthropic_s_forced_tool_gets_valid_arguments(model_server: ModelServer) -> None:
    body = {
        "model": "claude-sonnet-5",
        "max_tokens": 2000,
        "messages": [{"role": "user", "content": "Write in Russian."}],
        "tools": [{"name": "card", "description": "", "input_schema": Card.model_json_schema()}],
        "tool_choice": {"type": "tool", "name": "card"},
    }
    answer = model_server.post("/v1/messages", body).json()
    assert answer["stop_reason"] == "tool_use"
    Card.model_validate(answer["content"][0]["input"])


def test_a_small_local_server_ignores_tools_but_honours_schemas(model_server: ModelServer) -> None:
    model_server.reset(ignores_tools=True)
    answer = ask(model_server, [{"role": "user", "content": "Сколько заказов?"}], tools=TOOLS)
    assert "tool_calls" not in answer["choices"][0]["message"]
    Card.model_validate_json(ask(model_server, **card_request("x"))["choices"][0]["message"]["content"])


def test_a_token_limit_cuts_the_answer_as_providers_do(model_server: ModelServer) -> None:
    answer = ask(model_server, **card_request("x"), max_tokens=20)
    assert answer["choices"][0]["finish_reason"] == "length"


def test_a_repeated_beginning_is_counted_as_cached(model_server: ModelServer) -> None:
    long = [{"role": "system", "content": "правило " * 800}, {"role": "user", "content": "раз"}]
    first = ask(model_server, long)["usage"]
    second = ask(model_server, [long[0], {"role": "user", "content": "два"}])["usage"]
    assert first["prompt_tokens_details"]["cached_tokens"] == 0
    assert 1024 < second["prompt_tokens_details"]["cached_tokens"] < second["prompt_tokens"]


def test_the_script_comes_before_the_rules(model_server: ModelServer) -> None:
    model_server.script(
        {"text": "по сценарию", "contains": "секрет"},
        {"calls": [{"name": "find_orders", "arguments": {"limit": 3}}], "step": 0, "count": None},
    )
    messages: list[Json] = [{"role": "user", "content": "секрет"}]
    assert ask(model_server, messages)["choices"][0]["message"]["content"] == "по сценарию"
    call = ask(model_server, messages)["choices"][0]["message"]["tool_calls"][0]
    assert json.loads(call["function"]["arguments"]) == {"limit": 3}
    messages += [{"role": "assistant", "content": "ja"}]
    assert "tool_calls" not in ask(model_server, messages)["choices"][0]["message"]


def test_a_small_local_server_works_through_actions(model_server: ModelServer) -> None:
    model_server.reset(ignores_tools=True)
    tools = [tool["function"] for tool in TOOLS]
    calls = [
        {
            "type": "object",
            "properties": {"tool": {"type": "string", "enum": [tool["name"]]}, "arguments": tool["parameters"]},
        }
        for tool in tools
    ]
    answer = {"type": "object", "properties": {"answer": {"type": "string"}}}
    schema = {"type": "object", "properties": {"action": {"anyOf": [*calls, answer]}}}
    form = {"type": "json_schema", "json_schema": {"name": "action", "schema": schema}}
    messages: list[Json] = [{"role": "user", "content": "Заказы и продажи?"}]
    made = []
    for _ in range(3):
        text = ask(model_server, messages, response_format=form)["choices"][0]["message"]["content"]
        action = json.loads(text)["action"]
        made.append(action.get("tool", "answer"))
        messages += [
            {"role": "assistant", "content": text},
            {"role": "user", "content": f'Result of {action.get("tool")}:\n{{"found": 3}}'},
        ]
    assert made == ["find_orders", "sales_summary", "answer"]
