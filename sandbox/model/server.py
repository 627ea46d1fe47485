"""The model server as an aiohttp application: providers' endpoints, and our control endpoints beside them."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from sandbox.model.chat import Refusal
from sandbox.model.chat_calls import ANTHROPIC, OPENAI, Wire, complete
from sandbox.model.faults import ModelFault
from sandbox.model.image_calls import FILES, fetch, generate, refuse_unknown
from sandbox.model.options import ModelOptions
from sandbox.model.refusals import Form, body_of, status_of
from sandbox.model.script import Line
from sandbox.model.world import ModelWorld

HOST = "127.0.0.1"
_LARGEST_BODY = 32 * 1024 * 1024
_LINES = TypeAdapter(list[Line])
Endpoint = Callable[[ModelWorld, web.Request], Awaitable[web.StreamResponse]]


def application(options: ModelOptions) -> web.Application:
    """Return the server's application.

    `POST /v1/chat/completions`, `/v1/messages`, `/v1/images/generations`; `GET /v1/models`, `/health`.
    `POST /sandbox/script` (a list of lines), `DELETE /sandbox/script`; `GET`, `POST`, `DELETE /sandbox/faults`;
    `GET /sandbox/stats`, `/sandbox/requests`; `POST /sandbox/reset` (options, all with defaults).
    """
    world = ModelWorld(options)
    app = web.Application(client_max_size=_LARGEST_BODY)
    app.add_routes(
        [
            web.post("/v1/chat/completions", _counted(world, partial(_chat, wire=OPENAI))),
            web.post("/v1/messages", _counted(world, partial(_chat, wire=ANTHROPIC))),
            web.post("/v1/images/generations", _counted(world, generate)),
            web.get(FILES + "/{name}", _told(world, fetch)),
            web.get("/v1/models", _told(world, _models)),
            web.get("/health", _told(world, _health)),
            web.post("/sandbox/script", _told(world, _write_script)),
            web.delete("/sandbox/script", _told(world, _clear_script)),
            web.get("/sandbox/faults", _told(world, _list_faults)),
            web.post("/sandbox/faults", _told(world, _add_fault)),
            web.delete("/sandbox/faults", _told(world, _clear_faults)),
            web.get("/sandbox/stats", _told(world, _stats)),
            web.get("/sandbox/requests", _told(world, _requests)),
            web.post("/sandbox/reset", _told(world, _reset)),
            web.route("*", "/{path:.*}", _told(world, _unknown)),
        ]
    )
    return app


@asynccontextmanager
async def listening(options: ModelOptions, port: int) -> AsyncIterator[str]:
    """Serve on loopback for the length of a block.

    Args:
        options: what kind of server to play.
        port: 0 takes a free one.

    Yields:
        The base URL.

    Raises:
        OSError: the port is taken.
    """
    runner = web.AppRunner(application(options), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def _told(world: ModelWorld, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Turn refusals into error bodies."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await endpoint(world, request)
        except Refusal as refusal:
            world.stats.note_refusal(refusal.kind)
            form = _form(world, request)
            return web.json_response(
                body_of(refusal, form),
                status=status_of(refusal, form),
                headers={"x-request-id": "req_1"} | refusal.headers,
            )
        except ValidationError as error:
            return web.json_response({"error": error.errors(include_url=False, include_context=False)}, status=400)

    return answer


def _counted(world: ModelWorld, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    told = _told(world, endpoint)

    async def answer(request: web.Request) -> web.StreamResponse:
        with world.stats.running():
            return await told(request)

    return answer


def _form(world: ModelWorld, request: web.Request) -> Form:
    if request.path == "/v1/messages":
        return "anthropic"
    return "llama" if world.options.ignores_tools else "openai"


async def _chat(world: ModelWorld, request: web.Request, wire: Wire) -> web.StreamResponse:
    return await complete(world, request, wire)


async def _models(world: ModelWorld, _request: web.Request) -> web.StreamResponse:
    names = world.options.models or ("sandbox",)
    rows = [{"id": name, "object": "model", "created": int(time.time()), "owned_by": "sandbox"} for name in names]
    return web.json_response({"object": "list", "data": rows})


async def _health(_world: ModelWorld, _request: web.Request) -> web.StreamResponse:
    return web.json_response({"status": "ok"})


async def _write_script(world: ModelWorld, request: web.Request) -> web.StreamResponse:
    lines = _LINES.validate_json(await request.read())
    world.script.add(lines)
    return web.json_response({"added": len(lines)})


async def _clear_script(world: ModelWorld, _request: web.Request) -> web.StreamResponse:
    world.script.clear()
    return web.json_response({})


async def _list_faults(world: ModelWorld, _request: web.Request) -> web.StreamResponse:
    return web.json_response([fault.model_dump() for fault in world.faults.listed()])


async def _add_fault(world: ModelWorld, request: web.Request) -> web.StreamResponse:
    fault = ModelFault.model_validate_json(await request.read())
    world.faults.add(fault)
    return web.json_response(fault.model_dump())


async def _clear_faults(world: ModelWorld, _request: web.Request) -> web.StreamResponse:
    world.faults.clear()
    return web.json_response({})


async def _stats(world: ModelWorld, _request: web.Request) -> web.StreamResponse:
    report: dict[str, Any] = world.stats.report()
    return web.json_response(report)


async def _requests(world: ModelWorld, _request: web.Request) -> web.StreamResponse:
    return web.json_response(world.stats.requests())


async def _reset(world: ModelWorld, request: web.Request) -> web.StreamResponse:
    options = ModelOptions.model_validate_json(await request.read() or b"{}")
    world.reset(options)
    return web.json_response(options.model_dump())


async def _unknown(_world: ModelWorld, request: web.Request) -> web.StreamResponse:
    raise refuse_unknown(request)
