"""Anthropic's wire form: POST /v1/messages."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from sandbox.model.chat import Chat, Reply, Schema, Tool, ToolCall, Turn, Usage, require
from sandbox.model.openai_form import check_answered, text_of
from sandbox.model.pictures import from_source
from sandbox.model.schemas import check_strict

_CHOICES = {"auto": "auto", "none": "none", "any": "required"}
_BLOCKS = frozenset({"text", "image", "tool_use", "tool_result", "thinking", "redacted_thinking"})
_ENDINGS = {"stop": "end_turn", "tool_calls": "tool_use", "length": "max_tokens", "content_filter": "refusal"}
# Anthropic's grammar knows shapes, not sizes: a schema with bounds is refused, not ignored.
_REFUSED_IN_SCHEMA = frozenset(
    {"minLength", "maxLength", "minimum", "maximum", "multipleOf", "maxItems", "uniqueItems"}
)


def read(body: Mapping[str, Any]) -> Chat:
    """Return what a request asks.

    Raises:
        Refusal: Anthropic would answer 400.
    """
    require(not body.get("stream"), "This stand-in does not stream; leave `stream` out.")
    require(isinstance(body.get("model"), str), "model: Field required")
    require(isinstance(body.get("max_tokens"), int), "max_tokens: Field required")
    messages = body.get("messages")
    require(isinstance(messages, list) and messages, "messages: at least one message is required")
    require((messages or [{}])[0].get("role") == "user", "messages: first message must use the user role")
    system = text_of(body.get("system"))
    turns = ([Turn("system", system)] if system else []) + [
        turn for message in messages or () for turn in _turns(message)
    ]
    check_answered(turns)
    return Chat(
        model=body["model"],
        turns=tuple(turns),
        tools=tuple(Tool(t["name"], t.get("description", ""), t["input_schema"]) for t in body.get("tools") or ()),
        choice=_choice(body.get("tool_choice")),
        schema=_schema(body.get("output_config")),
        limit=body["max_tokens"],
    )


def write(chat: Chat, reply: Reply, usage: Usage) -> dict[str, Any]:
    """Return the body of an answer."""
    content: list[dict[str, Any]] = [{"type": "text", "text": reply.text}] if reply.text else []
    content += [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": _input(call.arguments)} for call in reply.calls
    ]
    return {
        "id": f"msg_{uuid4().hex[:24]}",
        "type": "message",
        "role": "assistant",
        "model": chat.model,
        "content": content,
        "stop_reason": _ENDINGS[reply.ending],
        "stop_sequence": None,
        "usage": {
            "input_tokens": usage.prompt - usage.cached,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": usage.cached,
            "output_tokens": usage.completion,
        },
    }


def _turns(message: Mapping[str, Any]) -> Iterator[Turn]:
    """Anthropic keeps tool results inside a user message, before its text."""
    role, content = message.get("role"), message.get("content")
    require(role in ("user", "assistant"), f"messages: unexpected role {role!r}")
    blocks: list[dict[str, Any]] = content if isinstance(content, list) else [{"type": "text", "text": content}]
    for block in blocks:
        require(
            block.get("type") in _BLOCKS, f"messages: Input tag {block.get('type')!r} is not one of the expected tags"
        )
        if block.get("type") == "tool_result":
            yield Turn("tool", text_of(block.get("content")), answers=block.get("tool_use_id"))
    text = text_of([block for block in blocks if block.get("type") == "text"])
    calls = tuple(
        ToolCall(block["id"], block["name"], json.dumps(block["input"], ensure_ascii=False))
        for block in blocks
        if block.get("type") == "tool_use"
    )
    pictures = tuple(from_source(block["source"]) for block in blocks if block.get("type") == "image")
    require(not pictures or role == "user", "messages: image blocks are only permitted in user messages")
    require(text or calls or role == "user", "messages: text content blocks must be non-empty")
    if text or calls or pictures:
        yield Turn("assistant" if role == "assistant" else "user", text, calls, pictures=pictures)


def _choice(choice: Mapping[str, Any] | None) -> str:
    kind = (choice or {}).get("type", "auto")
    return str((choice or {}).get("name")) if kind == "tool" else _CHOICES.get(kind, "auto")


def _schema(config: Mapping[str, Any] | None) -> Schema | None:
    wanted = (config or {}).get("format") or {}
    if wanted.get("type") != "json_schema":
        return None
    schema: Schema = wanted["schema"]
    check_strict(schema, "output_config.format.schema", refused=_REFUSED_IN_SCHEMA, all_required=False)
    return schema


def _input(arguments: str) -> Any:
    """A tool's input is an object on the wire; of a cut one only the beginning comes through."""
    try:
        return json.loads(arguments)
    except ValueError:
        return {"_cut": arguments}
