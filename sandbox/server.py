"""The HTTP server: one port for the marketplaces and the control endpoints, on loopback only."""

import asyncio
import ipaddress
from datetime import UTC, datetime
from email.utils import format_datetime

from aiohttp import web

from sandbox import control, wire
from sandbox.answers import Asked
from sandbox.market import Market, Visit
from sandbox.stage import Stage
from sandbox.uzum.api import PREFIX

CONTROL = "/sandbox/"


class NotLoopback(ValueError):
    """The control endpoints have no auth, so no other machine may reach them."""


class Server:
    """Answers every request that reaches the port."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        body = await request.read() if request.body_exists else b""
        asked = Asked(
            method=request.method,
            path=request.path,
            query=request.query,
            query_string=request.query_string,
            authorization=request.headers.get("Authorization"),
            body=body,
        )
        if asked.path.startswith(CONTROL):
            return wire.response(control.answer(self._stage, asked))
        market: Market = self._stage.uzum if asked.path.startswith(PREFIX) else self._stage.wildberries
        visit = market.visit(asked)
        self._stage.stats.count(visit.seller, asked.method, visit.operation, visit.answer.status)
        if self._stage.clock.skipped:
            shown = datetime.fromtimestamp(self._stage.clock.now(), UTC)
            visit.answer.headers["Date"] = format_datetime(shown, usegmt=True)
        if self._stage.options.latency_ms:
            await asyncio.sleep(self._stage.options.latency_ms / 1000)
        return await self._send(request, visit)

    async def _send(self, request: web.BaseRequest, visit: Visit) -> web.StreamResponse:
        if not visit.faults:
            return wire.response(visit.answer)
        return await wire.send(request, visit.answer, visit.faults)


async def serve(stage: Stage, host: str, port: int, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; print one line when listening.

    Args:
        stage: what to serve.
        host: a loopback address.
        port: 0 takes a free one.
        stop: ends the server.

    Raises:
        NotLoopback: the address is not this machine's own.
        OSError: the port is taken.
    """
    if not _is_loopback(host):
        raise NotLoopback(host)
    runner = web.ServerRunner(web.Server(Server(stage).answer, handler_cancellation=True, access_log=None))
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, shutdown_timeout=0.5)
        await site.start()
        shown = f"[{host}]" if ":" in host else host
        print(f"Sandbox is listening on http://{shown}:{runner.addresses[0][1]}", flush=True)  # noqa: T201 - its one line
        await stop.wait()
    finally:
        await runner.cleanup()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
