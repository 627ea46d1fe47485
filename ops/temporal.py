"""How verbs talk to Temporal: connect, do the one thing, and say plainly when nobody answers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from ops.outcome import ExitCode, VerbFailed
from sellermind.errors import Misconfigured
from sellermind.temporal import connect

Answer = TypeVar("Answer")


def ask(question: Callable[[Client], Awaitable[Answer]]) -> Answer:
    """Connect to Temporal and await one question.

    Args:
        question: gets the connected client.

    Raises:
        Misconfigured: a TEMPORAL_… variable or profile cannot be used.
        VerbFailed: nothing answers at the address (UNREACHABLE).
    """
    address = _address()

    async def connected() -> Answer:
        return await question(await _connect(address))

    return asyncio.run(connected())


def _address() -> str:
    """The address that the variables and profiles of Temporal name."""
    try:
        return ClientConfig.load_client_connect_config().get("target_host", "localhost:7233")
    except (RuntimeError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise Misconfigured(
            f"Temporal's settings cannot be read ({reason}); mend TEMPORAL_… or temporal.toml."
        ) from error


async def _connect(address: str) -> Client:
    try:
        return await connect(identity="sellermind-ops")
    except ValueError as error:
        raise Misconfigured(f"TEMPORAL_ADDRESS is not host:port ({error}); for example localhost:7233.") from error
    except RuntimeError as error:
        raise VerbFailed(
            ExitCode.UNREACHABLE,
            f"Temporal does not answer at {address}; start it, or set TEMPORAL_ADDRESS.",
        ) from error
