"""Anthropic's wire form: POST /messages."""

from base64 import b64encode
from typing import Any

from sellermind.language.schemas import offered, unbounded
from sellermind.models.language import (
    AskedCall,
    ChatMessage,
    Finish,
    ModelAnswer,
    ModelRequest,
    Picture,
    Provider,
    Tokens,
    TokenUsage,
)
from sellermind.models.payload import Payload

PATH = "/messages"
VERSION = "2023-06-01"
_FINISH: dict[str | None, Finish] = {
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}


class _Block(Payload):
    type: str
    text: str = ""
    id: str = ""
    name: str = ""
    input: Any = None


class _Usage(Payload):
    input_tokens: Tokens = 0
    output_tokens: Tokens = 0
    cache_creation_input_tokens: Tokens | None = None
    cache_read_input_tokens: Tokens | None = None


class _Body(Payload):
    model: str
    content: tuple[_Block, ...]
    stop_reason: str | None = None
    usage: _Usage = _Usage()


def request_body(request: ModelRequest, model: str) -> dict[str, Any]:
    """The JSON of one request; the system prompt and the tools are marked for the provider's cache.

    Args:
        request: what is asked.
        model: the provider's name.
    """
    system = "\n".join(message.content for message in request.messages if message.role == "system")
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": request.max_tokens,
        "messages": _turns([message for message in request.messages if message.role != "system"]),
    }
    if request.picture:
        first = next(turn for turn in body["messages"] if turn["role"] == "user")
        first["content"].insert(0, _image(request.picture))
    if system:
        body["system"] = [{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}]
    if request.temperature is not None:
        body["temperature"] = min(request.temperature, 1.0)
    if request.tools:
        body["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": offered(tool.parameters)}
            for tool in request.tools
        ]
        body["tool_choice"] = {"type": "any" if request.must_call else "auto"}
    if request.form:
        body["output_config"] = {"format": {"type": "json_schema", "schema": unbounded(request.form.definition)}}
    return body


def read_answer(body: object, asked: str, latency_ms: int) -> ModelAnswer:
    """Read the JSON of an answer with status 200.

    Args:
        body: decoded JSON.
        asked: the name of the model that was asked for.
        latency_ms: how long it took.

    Raises:
        ValidationError: it is none.
    """
    answer = _Body.model_validate(body)
    usage = answer.usage
    cached = usage.cache_read_input_tokens or 0
    return ModelAnswer(
        provider=Provider.ANTHROPIC,
        model=answer.model or asked,
        text="".join(block.text for block in answer.content if block.type == "text"),
        calls=tuple(
            AskedCall(id=block.id, tool=block.name, arguments=block.input if isinstance(block.input, dict) else None)
            for block in answer.content
            if block.type == "tool_use"
        ),
        finish=_FINISH.get(answer.stop_reason, "stop"),
        usage=TokenUsage(
            input=usage.input_tokens + cached + (usage.cache_creation_input_tokens or 0),
            output=usage.output_tokens,
            cached=cached,
        ),
        latency_ms=latency_ms,
    )


def _turns(messages: list[ChatMessage]) -> list[dict[str, Any]]:
    """Messages with the results of tools inside user messages, and no two of one role in a row."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        role = "assistant" if message.role == "assistant" else "user"
        blocks = _blocks(message)
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"].extend(blocks)
        else:
            turns.append({"role": role, "content": blocks})
    return turns


def _image(picture: Picture) -> dict[str, Any]:
    data = b64encode(picture.content).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": picture.media_type, "data": data}}


def _blocks(message: ChatMessage) -> list[dict[str, Any]]:
    if message.role == "tool":
        return [{"type": "tool_result", "tool_use_id": message.call_id, "content": message.content}]
    blocks: list[dict[str, Any]] = [{"type": "text", "text": message.content}] if message.content else []
    return blocks + [
        {"type": "tool_use", "id": call.id, "name": call.tool, "input": call.arguments or {}} for call in message.calls
    ]
