"""How verbs talk to Temporal: connect, do the one thing, and say plainly when nobody answers."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client

from ops.outcome import ExitCode, VerbFailed
from sellermind.settings import load
from sellermind.temporal import address, connect
from sellermind.tracing import flush

Answer = TypeVar("Answer")

PATIENCE = 2.0
"""Seconds that the server may take to say that it is there."""

PULSE = 0.5
ANSWERS_WITHIN = 1.5
"""Seconds between two questions whether it is still there, and for the answer."""


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
        client = await _connect()
        return await _while_it_answers(client, question(client))

    try:
        return asyncio.run(connected())
    finally:
        flush()


async def _while_it_answers(client: Client, question: Awaitable[Answer]) -> Answer:
    """Await the question; a server that freezes meanwhile would hold its calls for half a minute, so it is asked too.

    Raises:
        RPCError: it has stopped answering.
    """
    asked = asyncio.ensure_future(question)
    try:
        while not (await asyncio.wait({asked}, timeout=PULSE))[0]:
            await client.workflow_service.get_system_info(
                GetSystemInfoRequest(), timeout=timedelta(seconds=ANSWERS_WITHIN)
            )
    finally:
        asked.cancel()
    return await asked


async def _connect() -> Client:
    try:
        async with asyncio.timeout(PATIENCE):  # a frozen server takes the connection, and never answers
            return await connect(load(), identity="sellermind-ops")
    except (RuntimeError, TimeoutError) as error:
        raise VerbFailed(
            ExitCode.UNREACHABLE, f"Temporal does not answer at {address()}; start it, or set TEMPORAL_ADDRESS."
        ) from error
