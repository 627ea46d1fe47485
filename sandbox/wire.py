"""How an answer goes on the wire: as it should, or late, cut, in drops, falsely packed, or not at all."""

import asyncio
import gzip
import socket
import struct
from collections.abc import Sequence

from aiohttp import web

from sandbox.answers import Answer
from sandbox.faults import Fault

_LINGER_ZERO = struct.pack("ii", 1, 0)


async def send(request: web.BaseRequest, answer: Answer, faults: Sequence[Fault]) -> web.StreamResponse:
    """Send an answer under the faults that strike on the wire.

    Args:
        request: the request it answers.
        answer: what to send.
        faults: the faults that strike the request; those of other kinds are left alone.
    """
    for fault in faults:
        if fault.kind in {"latency", "hang"}:
            await asyncio.sleep(fault.pause)
    kinds = {fault.kind: fault for fault in faults}
    if "reset" in kinds or "hang" in kinds:
        return _reset(request)
    if "cut" in kinds:
        return await _cut(request, answer)
    if "drip" in kinds:
        return await _drip(request, answer, kinds["drip"].pause)
    if "gzip" in kinds:
        answer.body = gzip.compress(answer.body)
    if "gzip" in kinds or "gzip-lie" in kinds:
        answer.headers["Content-Encoding"] = "gzip"
    return response(answer)


def response(answer: Answer) -> web.Response:
    """Return the whole answer as aiohttp sends it."""
    headers = {"Content-Type": answer.content_type} if answer.body else {}
    return web.Response(status=answer.status, body=answer.body or None, headers=headers | answer.headers)


def _reset(request: web.BaseRequest) -> web.StreamResponse:
    if request.transport is not None:
        connection: socket.socket | None = request.transport.get_extra_info("socket")
        if connection is not None:
            # Close with a reset, not with a polite end.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        request.transport.abort()
    return web.Response()


async def _begin(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    stream = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.content_type} | answer.headers)
    stream.content_length = len(answer.body)
    await stream.prepare(request)
    return stream


async def _cut(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    stream = await _begin(request, answer)
    await stream.write(answer.body[: len(answer.body) // 2])
    _reset_softly(request)
    return stream


def _reset_softly(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.close()


async def _drip(request: web.BaseRequest, answer: Answer, delay: float) -> web.StreamResponse:
    stream = await _begin(request, answer)
    for place in range(len(answer.body)):
        await asyncio.sleep(delay)
        await stream.write(answer.body[place : place + 1])
    return stream
