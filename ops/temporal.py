"""How verbs talk to Temporal: connect, do the one thing, and say plainly when nobody answers."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client

from ops.outcome import ExitCode, VerbFailed
from sellermind.settings import Settings, load
from sellermind.temporal import address, connect
from sellermind.tracing import flush

Answer = TypeVar("Answer")

PULSE = timedelta(seconds=0.5)
"""Between two questions whether the server is still there."""


def ask(question: Callable[[Client], Awaitable[Answer]]) -> Answer:
    """Connect to Temporal and await one question.

    Args:
        question: gets the connected client.

    Raises:
        Misconfigured: a setting, a TEMPORAL_… variable or a profile cannot be used.
        RPCError: Temporal answers with one, or not any more.
        VerbFailed: nothing answers at the address (UNREACHABLE).
    """

    async def connected() -> Answer:
        settings = load()
        client = await _connect(settings)
        return await _while_it_answers(client, question(client), settings.answer_within)

    try:
        return asyncio.run(connected())
    finally:
        flush()


async def _while_it_answers(client: Client, question: Awaitable[Answer], answer_within: timedelta) -> Answer:
    """Await the question; a server that freezes meanwhile would hold its calls for half a minute, so it is asked too.

    Raises:
        RPCError: it has stopped answering.
    """
    asked = asyncio.ensure_future(question)
    try:
        while not (await asyncio.wait({asked}, timeout=PULSE.total_seconds()))[0]:
            await client.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=answer_within - PULSE)
    finally:
        asked.cancel()
    return await asked


async def _connect(settings: Settings) -> Client:
    try:
        async with asyncio.timeout(settings.answer_within.total_seconds()):  # a frozen one connects, and is silent
            return await connect(settings, identity="sellermind-ops")
    except (RuntimeError, TimeoutError) as error:
        raise VerbFailed(
            ExitCode.UNREACHABLE, f"Temporal does not answer at {address()}; start it, or set TEMPORAL_ADDRESS."
        ) from error
