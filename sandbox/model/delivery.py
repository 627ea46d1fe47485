"""How an answer goes on the wire: whole, byte by byte, or not at all."""

import asyncio
import json
from collections.abc import Mapping

from aiohttp import web

from sandbox.model.faults import ModelFault
from sandbox.model.obstacles import drop


async def deliver(request: web.Request, answer: Mapping[str, object], fault: ModelFault | None) -> web.StreamResponse:
    """Send an answer as the fault, if any, lets it through."""
    if fault and fault.kind == "lost":
        drop(request)
    if fault and fault.kind == "drip":
        return await _drip(request, json.dumps(answer).encode(), fault.delay)
    return web.json_response(answer)


async def _drip(request: web.Request, content: bytes, delay: float) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for place in range(len(content)):
        await response.write(content[place : place + 1])
        await asyncio.sleep(delay)
    return response
