"""The OpenAI-compatible wire form: POST /chat/completions."""

import json
from base64 import b64encode
from typing import Any

from pydantic import Field
from pydantic_core import from_json

from sellermind.language.schemas import offered, strict
from sellermind.language.texts import without_reasoning
from sellermind.models.language import (
    AskedCall,
    ChatMessage,
    Finish,
    FormAs,
    ModelAnswer,
    ModelRequest,
    OutputSchema,
    Picture,
    Provider,
    Tokens,
    TokenUsage,
)
from sellermind.models.payload import Payload

PATH = "/chat/completions"
_FINISH: dict[str | None, Finish] = {
    "stop": "stop",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "length": "length",
    "content_filter": "content_filter",
}


class _Function(Payload):
    name: str
    arguments: str | dict[str, Any] | None = None


class _Call(Payload):
    id: str | None = None
    function: _Function


class _Part(Payload):
    text: str = ""


class _Message(Payload):
    content: str | tuple[_Part, ...] | None = None
    refusal: str | None = None
    tool_calls: tuple[_Call, ...] | None = None


class _Choice(Payload):
    message: _Message
    finish_reason: str | None = None


class _PromptDetails(Payload):
    cached_tokens: Tokens | None = None


class _Usage(Payload):
    prompt_tokens: Tokens | None = None
    completion_tokens: Tokens | None = None
    prompt_tokens_details: _PromptDetails | None = None


class _Body(Payload):
    model: str | None = None
    choices: tuple[_Choice, ...] = Field(min_length=1)
    usage: _Usage | None = None


def request_body(
    request: ModelRequest, model: str, max_tokens_parameter: str, form_as: FormAs = FormAs.SCHEMA
) -> dict[str, Any]:
    """The JSON of one request.

    Args:
        request: what is asked.
        model: the provider's name.
        max_tokens_parameter: what this server calls the limit.
        form_as: how this server is told the form of the answer.
    """
    body: dict[str, Any] = {
        "model": model,
        "messages": [_message(message) for message in request.messages],
        max_tokens_parameter: request.max_tokens,
    }
    if request.temperature is not None:
        body["temperature"] = request.temperature
    if request.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": offered(tool.parameters),
                },
            }
            for tool in request.tools
        ]
        body["tool_choice"] = "required" if request.must_call else "auto"
    if request.form:
        body |= _form(body["messages"], request.form, form_as)
    if request.picture:
        _show(request.picture, body["messages"])
    return body


def read_answer(body: object, asked: str, latency_ms: int) -> ModelAnswer:
    """Read the JSON of an answer with status 200.

    Args:
        body: decoded JSON.
        asked: the name of the model that was asked for; answers may leave theirs out.
        latency_ms: how long it took.

    Raises:
        ValidationError: it is none.
    """
    answer = _Body.model_validate(body)
    choice, usage = answer.choices[0], answer.usage or _Usage()
    calls = tuple(_call(call) for call in choice.message.tool_calls or ())
    finish = _FINISH.get(choice.finish_reason, "tool_calls" if calls else "stop")
    if choice.message.refusal:
        finish = "content_filter"
    details = usage.prompt_tokens_details or _PromptDetails()
    return ModelAnswer(
        provider=Provider.OPENAI,
        model=answer.model or asked,
        text=without_reasoning(_text(choice.message.content) or choice.message.refusal or ""),
        calls=calls,
        finish=finish,
        usage=TokenUsage(
            input=usage.prompt_tokens or 0, output=usage.completion_tokens or 0, cached=details.cached_tokens or 0
        ),
        latency_ms=latency_ms,
    )


def _form(messages: list[dict[str, Any]], form: OutputSchema, form_as: FormAs) -> dict[str, Any]:
    """The fields, or the messages, that bind the answer to a form."""
    schema = strict(form.definition)
    if form_as is FormAs.SCHEMA:
        named = {"name": form.name, "strict": True, "schema": schema}
        return {"response_format": {"type": "json_schema", "json_schema": named}}
    told = {"role": "user", "content": f"Answer with one JSON object of this schema:\n{json.dumps(schema)}"}
    last = messages[-1]
    if last["role"] == "user":  # many chat templates insist on turns
        told["content"] = f"{last['content']}\n\n{told['content']}"
        messages = messages[:-1]
    kind = {"response_format": {"type": "json_object"}} if form_as is FormAs.OBJECT else {}
    return {"messages": [*messages, told], **kind}


def _message(message: ChatMessage) -> dict[str, Any]:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.call_id, "content": message.content}
    written: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.calls:
        written["content"] = message.content or None
        written["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.tool, "arguments": json.dumps(call.arguments or {}, ensure_ascii=False)},
            }
            for call in message.calls
        ]
    return written


def _show(picture: Picture, messages: list[dict[str, Any]]) -> None:
    """Put a picture before the words of the user's first message: at low detail, which bounds what it costs."""
    url = f"data:{picture.media_type};base64,{b64encode(picture.content).decode()}"
    first = next(message for message in messages if message["role"] == "user")
    first["content"] = [
        {"type": "image_url", "image_url": {"url": url, "detail": "low"}},
        {"type": "text", "text": first["content"]},
    ]


def _text(content: str | tuple[_Part, ...] | None) -> str:
    return content if isinstance(content, str) else "".join(part.text for part in content or ())


def _call(call: _Call) -> AskedCall:
    arguments: Any = call.function.arguments
    if isinstance(arguments, str):
        try:
            arguments = from_json(arguments or "{}", allow_inf_nan=False)
        except ValueError:
            arguments = None
    return AskedCall(
        id=call.id or "", tool=call.function.name, arguments=arguments if isinstance(arguments, dict) else None
    )
