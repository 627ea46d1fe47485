"""How verbs talk to Temporal: connect, do the one thing, and say plainly when nobody answers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from temporalio.client import Client

from ops.outcome import ExitCode, VerbFailed
from sellermind.settings import load
from sellermind.temporal import address, connect
from sellermind.tracing import flush

Answer = TypeVar("Answer")

PATIENCE = 2.0
"""Seconds that the server may take to say that it is there."""


def ask(question: Callable[[Client], Awaitable[Answer]]) -> Answer:
    """Connect to Temporal and await one question.

    Args:
        question: gets the connected client.

    Raises:
        Misconfigured: a setting, a TEMPORAL_… variable or a profile cannot be used.
        VerbFailed: nothing answers at the address (UNREACHABLE).
    """

    async def connected() -> Answer:
        return await question(await _connect())

    try:
        return asyncio.run(connected())
    finally:
        flush()


async def _connect() -> Client:
    try:
        async with asyncio.timeout(PATIENCE):  # a frozen server takes the connection, and never answers
            return await connect(load(), identity="sellermind-ops")
    except (RuntimeError, TimeoutError) as error:
        raise VerbFailed(
            ExitCode.UNREACHABLE, f"Temporal does not answer at {address()}; start it, or set TEMPORAL_ADDRESS."
        ) from error
