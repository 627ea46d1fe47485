"""Reasons not to answer: a caller without a key, a body that is no JSON, a model that is not served, a fault."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from aiohttp import web

from sandbox.model.chat import Refusal, require
from sandbox.model.faults import Endpoint, ModelFault
from sandbox.model.options import ModelOptions
from sandbox.model.world import ModelWorld

_MESSAGES = {
    "rate-limit": "Rate limit reached on requests per min (RPM). Please try again later.",
    "quota": "You exceeded your current quota, please check your plan and billing details.",
    "overloaded": "Overloaded",
    "server-error": "The server had an error while processing your request.",
    "context": "prompt is too long: 200251 tokens > 200000 maximum",
    "policy": "Your request was rejected as a result of our safety system.",
    "bad-request": "Unsupported value: the request cannot be processed.",
    "unauthorized": "Incorrect API key provided.",
    "forbidden": "This key may not use the model.",
    "not-found": "The model does not exist or you do not have access to it.",
}
_WAITING = ("rate-limit", "overloaded")
_HTML = "<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"


def check_caller(request: web.Request, options: ModelOptions) -> None:
    """Refuse a caller who does not send the server's key.

    Raises:
        Refusal: as 401.
    """
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if options.key is not None and options.key not in (bearer, request.headers.get("x-api-key")):
        raise Refusal("unauthorized", _MESSAGES["unauthorized"])


def check_model(model: str, options: ModelOptions) -> None:
    """Refuse a model that is not served.

    Raises:
        Refusal: as 404.
    """
    if options.models and model not in options.models:
        raise Refusal("not-found", _MESSAGES["not-found"])


async def read_json(request: web.Request) -> Mapping[str, Any]:
    """Return the request's body.

    Raises:
        Refusal: it is no JSON object.
    """
    try:
        body = await request.json()
    except ValueError:
        raise Refusal("bad-request", "We could not parse the JSON body of your request.") from None
    require(isinstance(body, dict), "The body must be a JSON object.")
    return cast(Mapping[str, Any], body)


async def meet_fault(
    world: ModelWorld, request: web.Request, endpoint: Endpoint, model: str, text: str
) -> ModelFault | None:
    """Let the fault strike that hits a call, if any; return it where it lets an answer through.

    Raises:
        Refusal: the fault is an error of the provider.
        web.HTTPException: the fault is an answer that is none of the provider's.
    """
    fault = world.faults.strike(endpoint, model, text)
    if fault:
        world.stats.note_fault(fault.kind)
        await _strike_instead(fault, request)
    return fault


async def _strike_instead(fault: ModelFault, request: web.Request) -> None:
    """Let a fault strike that comes instead of an answer; others pass."""
    if fault.kind in _MESSAGES:
        waits = fault.kind in _WAITING and fault.retry is not None
        headers: dict[str, str] = {fault.header: str(fault.retry)} if waits else {}
        status = fault.status if fault.kind == "server-error" else 0
        raise Refusal(fault.kind, _MESSAGES[fault.kind], headers=headers, status=status)
    if fault.kind == "html":
        raise web.HTTPBadGateway(text=_HTML, content_type="text/html")
    if fault.kind == "not-json":
        raise web.HTTPOk(text='{"id": "chatcmpl-1", "choices": [{"index"', content_type="application/json")
    if fault.kind in ("latency", "hang"):
        await asyncio.sleep(fault.delay)
    if fault.kind in ("reset", "hang"):
        drop(request)


def drop(request: web.Request) -> None:
    """Close the connection without an answer.

    Raises:
        asyncio.CancelledError: always, so that nothing more is written.
    """
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError
