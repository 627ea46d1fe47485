"""Why a worker process ends, and how a signal makes it."""

import asyncio
import signal
from dataclasses import dataclass
from datetime import timedelta

import structlog

from sellermind.telemetry import leave

OK, ERROR, MEMORY = 0, 1, 12  # Laravel's, so that process managers need no new rules

log = structlog.stdlib.get_logger("workers")


@dataclass(frozen=True)
class Ending:
    """The reason for people, the exit code for the process manager."""

    reason: str
    code: int = OK


class Signals:
    """SIGTERM and SIGINT: the first asks to stop, a second one ends the process at once."""

    def __init__(self, grace: timedelta) -> None:
        """Listen from now on.

        Args:
            grace: how long running activities may take to finish after the first signal.
        """
        self._grace = grace
        self._first: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._receive, number)

    async def asked(self) -> Ending:
        """Wait for the first signal."""
        return Ending(await asyncio.shield(self._first))

    def _receive(self, number: signal.Signals) -> None:
        if self._first.done():
            log.error(
                "second signal: ending at once, running activities are given up and retried elsewhere",
                signal=number.name,
                exit_code=ERROR,
            )
            leave(ERROR)
        log.info(
            "stopping: running activities may finish, a second signal ends at once",
            signal=number.name,
            grace_s=self._grace.total_seconds(),
        )
        self._first.set_result(number.name)
