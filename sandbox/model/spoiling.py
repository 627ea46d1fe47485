"""How a faulty model spoils a reply that would have been good."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from sandbox.model.chat import Chat, Reply, ToolCall
from sandbox.model.faults import ModelFault
from sandbox.model.tokens import tokens_in

_NO_SUCH_TOOL = "delete_all_orders"
_CHATTY = 'Is it {{"this"}}? No.</think>\nHere it is:\n```json\n{}\n```\nAnything else?'
_OTHER_LANGUAGE = "Qulay va chiroyli, sifatli va ishonchli"
_RUSSIAN = "Удобный и красивый, качественный и надёжный"


def spoil(fault: ModelFault, chat: Chat, reply: Reply) -> Reply:
    """Return the reply as the fault leaves it; faults that are not about the reply leave it whole."""
    spoiler = _SPOILERS.get(fault.kind)
    return spoiler(chat, reply) if spoiler else reply


def limit(chat: Chat, reply: Reply) -> Reply:
    """Return the reply cut at the caller's token limit, as every provider does."""
    size = tokens_in(reply.text) + sum(tokens_in(call.arguments) for call in reply.calls)
    if chat.limit is None or size <= chat.limit:
        return reply
    return _cut(chat, reply)


def _cut(_chat: Chat, reply: Reply) -> Reply:
    """Cut in the middle; a cut tool call still looks like one."""
    calls = reply.calls
    if calls:
        last = replace(calls[-1], arguments=_half(calls[-1].arguments))
        return Reply(reply.text, (*calls[:-1], last), "length")
    return Reply(_half(reply.text), (), "length")


def _half(text: str) -> str:
    return text[: max(1, len(text) // 2)]


def _bad_json(_chat: Chat, reply: Reply) -> Reply:
    if reply.calls:
        return replace(reply, calls=tuple(replace(call, arguments="{'id': 1,}") for call in reply.calls))
    return replace(reply, text=f"Here you are: {reply.text[:-1]},")


def _off_schema(_chat: Chat, reply: Reply) -> Reply:
    try:
        value = json.loads(reply.text)
    except ValueError:
        return replace(reply, text='{"unexpected": true}')
    return replace(reply, text=json.dumps(value | {"unexpected": "x" * 50}, ensure_ascii=False))


def _wrong_language(_chat: Chat, reply: Reply) -> Reply:
    """Swap the language of every text in a JSON reply."""

    def swap(value: object) -> object:
        if isinstance(value, dict):
            return {name: swap(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [swap(inner) for inner in value]
        russian = isinstance(value, str) and any("а" <= letter.lower() <= "я" for letter in value)
        other = _OTHER_LANGUAGE if russian else _RUSSIAN
        return (other * (len(value) // len(other) + 1))[: len(value)] if isinstance(value, str) else value

    return replace(reply, text=json.dumps(swap(json.loads(reply.text)), ensure_ascii=False))


def _calling(name: str, arguments: str) -> Callable[[Chat, Reply], Reply]:
    def call(chat: Chat, _reply: Reply) -> Reply:
        step = sum(turn.role == "assistant" for turn in chat.turns)
        return Reply(calls=(ToolCall(f"call_{step}_0", name, arguments),), ending="tool_calls")

    return call


def _wrong_arguments(_chat: Chat, reply: Reply) -> Reply:
    return replace(reply, calls=tuple(replace(call, arguments='{"nonsense": [1]}') for call in reply.calls))


def _tool_loop(chat: Chat, reply: Reply) -> Reply:
    """Ask for the first tool with the same arguments, whatever was found."""
    made = [call for turn in chat.turns for call in turn.calls] or list(reply.calls)
    if not made:
        return reply
    return _calling(made[0].name, made[0].arguments)(chat, reply)


_SPOILERS: Mapping[str, Callable[[Chat, Reply], Reply]] = {
    "cut": _cut,
    "bad-json": _bad_json,
    "off-schema": _off_schema,
    "fenced": lambda _chat, reply: replace(reply, text=f"```json\n{reply.text}\n```"),
    "chatty": lambda _chat, reply: replace(reply, text=_CHATTY.format(reply.text)),
    "wrong-language": _wrong_language,
    "wrong-tool": _calling(_NO_SUCH_TOOL, "{}"),
    "wrong-arguments": _wrong_arguments,
    "tool-loop": _tool_loop,
    "content-filter": lambda _chat, _reply: Reply("", (), "content_filter"),
    "empty": lambda _chat, _reply: Reply(""),
}
