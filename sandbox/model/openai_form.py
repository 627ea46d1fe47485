"""OpenAI's wire form: POST /v1/chat/completions."""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import uuid4

from sandbox.model.chat import Chat, Reply, Schema, Tool, ToolCall, Turn, Usage, require
from sandbox.model.pictures import from_data_url
from sandbox.model.schemas import check_strict

# The provider answers with the dated name of what really ran.
SNAPSHOTS = {"gpt-4o-mini": "gpt-4o-mini-2024-07-18", "gpt-4o": "gpt-4o-2024-08-06"}
_REFUSED_IN_STRICT = frozenset({"allOf", "not", "if", "then", "else", "oneOf", "uniqueItems", "patternProperties"})


def read(body: Mapping[str, Any]) -> Chat:
    """Return what a request asks.

    Raises:
        Refusal: OpenAI would answer 400.
    """
    require(not body.get("stream"), "This stand-in does not stream; leave `stream` out.")
    require(isinstance(body.get("model"), str), "you must provide a model parameter")
    messages = body.get("messages")
    require(isinstance(messages, list) and messages, "[] is too short - 'messages'")
    turns = tuple(_turn(message) for message in messages or ())
    check_answered(turns)
    return Chat(
        model=body["model"],
        turns=turns,
        tools=tuple(_tool(tool) for tool in body.get("tools") or ()),
        choice=_choice(body.get("tool_choice")),
        schema=_schema(body.get("response_format")),
        limit=body.get("max_completion_tokens") or body.get("max_tokens"),
    )


def write(chat: Chat, reply: Reply, usage: Usage) -> dict[str, Any]:
    """Return the body of an answer."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None, "refusal": None}
    if reply.calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in reply.calls
        ]
    return {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": SNAPSHOTS.get(chat.model, chat.model),
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reply.ending}],
        "usage": {
            "prompt_tokens": usage.prompt,
            "completion_tokens": usage.completion,
            "total_tokens": usage.prompt + usage.completion,
            "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
    }


def check_answered(turns: Iterable[Turn]) -> None:
    """Refuse a transcript whose tool calls and tool results do not pair up, as both providers do.

    Raises:
        Refusal: a call has no result, or a result no call before it.
    """
    waiting: set[str] = set()
    for turn in turns:
        if turn.role == "tool":
            require(turn.answers in waiting, "messages with role 'tool' must be a response to a preceding tool call.")
            waiting.discard(turn.answers or "")
            continue
        missing = ", ".join(sorted(waiting))
        require(not waiting, f"tool calls must be followed by tool messages; these have none: {missing}")
        waiting = {call.id for call in turn.calls}
    require(not waiting, "tool calls must be followed by tool messages responding to each tool call.")


def text_of(content: object) -> str:
    """Return a message's content, a text or a list of parts, as one text."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    return "\n".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))


def _turn(message: Mapping[str, Any]) -> Turn:
    role = "system" if message.get("role") == "developer" else message.get("role")
    require(role in ("system", "user", "assistant", "tool"), f"Invalid value: {role!r} for role")
    calls = tuple(
        ToolCall(call["id"], call["function"]["name"], call["function"]["arguments"])
        for call in message.get("tool_calls") or ()
    )
    require(message.get("content") is not None or calls, "expected a string for content, got null instead")
    pictures = tuple(_pictures(message.get("content")))
    require(not pictures or role == "user", f"Image URLs are only allowed for messages with role 'user', not {role!r}.")
    answers = message.get("tool_call_id")
    return Turn(role, text_of(message.get("content")), calls, answers, pictures)  # type: ignore[arg-type] # checked above


def _pictures(content: object) -> Iterator[str]:
    for part in content if isinstance(content, list) else ():
        require(part["type"] in ("text", "image_url", "refusal"), f"Invalid value: {part['type']!r} for a part's type")
        if part["type"] == "image_url":
            require(part["image_url"].get("detail", "auto") in ("auto", "low", "high"), "Invalid value for detail")
            yield from_data_url(part["image_url"]["url"])


def _tool(tool: Mapping[str, Any]) -> Tool:
    require(tool.get("type") == "function" and "name" in tool.get("function", {}), "Missing required parameter: tools")
    function = tool["function"]
    parameters: Schema = function.get("parameters") or {"type": "object", "properties": {}}
    if function.get("strict"):
        check_strict(parameters, f"function {function['name']!r}", refused=_REFUSED_IN_STRICT)
    return Tool(function["name"], function.get("description", ""), parameters)


def _choice(choice: object) -> str:
    if isinstance(choice, dict):
        return str(choice.get("function", {}).get("name", "auto"))
    return choice if isinstance(choice, str) else "auto"


def _schema(wanted: Mapping[str, Any] | None) -> Schema | None:
    if not wanted or wanted.get("type") != "json_schema":
        return None
    named = wanted.get("json_schema") or {}
    schema: Schema = named.get("schema") or {}
    require("name" in named and schema, "Missing required parameter: 'response_format.json_schema'.")
    if named.get("strict"):
        check_strict(schema, "response_format", refused=_REFUSED_IN_STRICT)
    return schema
