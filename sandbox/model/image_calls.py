"""The image endpoints: /v1/images/generations, and the files that it names."""

import asyncio
import base64
import time

from aiohttp import web

from sandbox.model.chat import Refusal, Usage, require
from sandbox.model.delivery import deliver
from sandbox.model.obstacles import check_caller, check_model, meet_fault, read_json
from sandbox.model.tokens import tokens_in
from sandbox.model.world import ModelWorld

FILES = "/v1/images/files"
_LONGEST_PROMPT = 32_000
_MOST = 10


async def generate(world: ModelWorld, request: web.Request) -> web.StreamResponse:
    """Make pictures; `gpt-image-…` models give their bytes, the others URLs that expire.

    Raises:
        Refusal: the caller gets an error body.
    """
    check_caller(request, world.options)
    key = request.headers.get("Idempotency-Key")
    body = await read_json(request)
    world.stats.note_request(request.path, key, body)
    if key in world.answered:
        return web.json_response(world.answered[key or ""])
    model, prompt, count = str(body.get("model", "dall-e-2")), body.get("prompt"), body.get("n", 1)
    require(
        isinstance(prompt, str) and 0 < len(prompt) <= _LONGEST_PROMPT, "prompt: required, at most 32000 characters"
    )
    require(isinstance(count, int) and 1 <= count <= _MOST, "n: between 1 and 10")
    check_model(model, world.options)
    fault = await meet_fault(world, request, "images", model, str(prompt))
    await asyncio.sleep(world.options.latency_ms / 1000)
    names = [world.pictures.make(str(prompt), world.options.image_seconds) for _ in range(count)]
    world.stats.note_paid(model, key, Usage(tokens_in(str(prompt)), 0, 0), images=count)
    as_bytes = model.startswith("gpt-image") or body.get("response_format") == "b64_json"
    data = [_bytes(world, name) if as_bytes else _link(request, name) for name in names]
    answer = {"created": int(time.time()), "data": [] if fault and fault.kind == "empty" else data}
    if key and world.options.honours_idempotency:
        world.answered[key] = answer
    return await deliver(request, answer, fault)


async def fetch(world: ModelWorld, request: web.Request) -> web.StreamResponse:
    """Give a picture's bytes while its URL lives; then 403, as a signed URL does.

    Raises:
        Refusal: the fault that strikes the file.
    """
    fault = await meet_fault(world, request, "files", "", request.path)
    content = world.pictures.fetch(request.match_info["name"])
    if content is None:
        raise web.HTTPForbidden(text="<?xml version='1.0'?><Error><Code>AuthenticationFailed</Code></Error>")
    if fault and fault.kind == "cut":
        content = content[: len(content) // 2]
    return web.Response(body=content, content_type="image/png")


def _bytes(world: ModelWorld, name: str) -> dict[str, str]:
    return {"b64_json": base64.b64encode(world.pictures.content(name)).decode()}


def _link(request: web.Request, name: str) -> dict[str, str]:
    return {"url": f"{request.scheme}://{request.host}{FILES}/{name}", "revised_prompt": "a product photo"}


def refuse_unknown(request: web.Request) -> Refusal:
    """Return the refusal of a path that no provider has."""
    return Refusal("not-found", f"Invalid URL ({request.method} {request.path})")
