"""The two chat endpoints: one flow, two wire forms."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from sandbox.model import anthropic_form, openai_form, rules
from sandbox.model.chat import Chat, Refusal, Reply, Usage, require
from sandbox.model.delivery import deliver
from sandbox.model.faults import ModelFault
from sandbox.model.obstacles import check_caller, check_model, meet_fault, read_json
from sandbox.model.spoiling import limit, spoil
from sandbox.model.world import ModelWorld


@dataclass(frozen=True, slots=True)
class Wire:
    """One provider's way to write a call and its answer."""

    form: Literal["openai", "anthropic"]
    read: Callable[[Mapping[str, Any]], Chat]
    write: Callable[[Chat, Reply, Usage], dict[str, Any]]


OPENAI = Wire("openai", openai_form.read, openai_form.write)
ANTHROPIC = Wire("anthropic", anthropic_form.read, anthropic_form.write)


async def complete(world: ModelWorld, request: web.Request, wire: Wire) -> web.StreamResponse:
    """Answer one chat call.

    Raises:
        Refusal: the caller gets an error body.
    """
    check_caller(request, world.options)
    key = request.headers.get("Idempotency-Key")
    body = await read_json(request)
    world.stats.note_request(request.path, key, body)
    if key in world.answered:
        return web.json_response(world.answered[key or ""])
    kind = (body.get("response_format") or {}).get("type")
    unknown = ", ".join(field for field in world.options.refuses if field in (*body, kind))
    require(not unknown, f"Extra inputs are not permitted: {unknown}")
    chat = _read(wire, body)
    check_model(chat.model, world.options)
    fault = await meet_fault(world, request, "chat", chat.model, chat.text)
    _check_size(world, chat)
    answer = await _answer(world, chat, fault, wire, key)
    return await deliver(request, answer, fault)


def _read(wire: Wire, body: Mapping[str, Any]) -> Chat:
    try:
        return wire.read(body)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise Refusal("bad-request", f"The request is not as the reference describes it ({error!r}).") from None


def _check_size(world: ModelWorld, chat: Chat) -> None:
    size, most = world.meter.prompt(chat), world.options.context_tokens
    if size > most:
        raise Refusal("context", f"This model's maximum context length is {most} tokens; the messages have {size}.")
    require(chat.limit is None or chat.limit > 0, "max_tokens must be at least 1")


async def _answer(
    world: ModelWorld, chat: Chat, fault: ModelFault | None, wire: Wire, key: str | None
) -> dict[str, Any]:
    """Compute the answer and put it on the bill."""
    reply = world.script.next(chat) or rules.answer(chat, world.options)
    reply = limit(chat, spoil(fault, chat, reply) if fault else reply)
    usage = world.meter.measure(chat, reply)
    await asyncio.sleep(world.options.latency_ms / 1000)
    world.stats.note_paid(chat.model, key, usage)
    answer = wire.write(chat, reply, usage)
    if fault and fault.kind == "no-usage":
        answer.pop("usage")
    if fault and fault.kind == "no-choices":
        answer["choices" if wire is OPENAI else "content"] = []
    if key and world.options.honours_idempotency:
        world.answered[key] = answer
    return answer
