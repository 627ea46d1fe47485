"""The reasons for which a worker process ends by itself, so that its process manager starts a fresh one."""

import asyncio
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError

from sellermind.queues import TaskQueue
from workers.ending import MEMORY, Ending
from workers.jobs import Jobs
from workers.options import Options
from workers.queue_state import backlog

MB = 1024 * 1024
CHECK = 0.5
QUIET = 3.0
"""Seconds in which no job may run or wait before the queues count as empty: between the steps of a run there is a
moment in which nothing waits and nothing runs."""


class Emptiness:
    """Watches whether anything is left to do in some queues."""

    def __init__(self, client: Client, queues: Iterable[TaskQueue], jobs: Jobs) -> None:
        self._client = client
        self._queues = tuple(queues)
        self._jobs = jobs
        self._finished = jobs.finished
        self._quiet_since = time.monotonic()

    async def lasts(self) -> bool:
        """Look once; True if it was quiet at every look for QUIET seconds."""
        if await self._is_busy():
            self._quiet_since = time.monotonic()
        return time.monotonic() - self._quiet_since >= QUIET

    async def _is_busy(self) -> bool:
        worked = self._jobs.running > 0 or self._jobs.finished > self._finished
        self._finished = self._jobs.finished
        try:
            return worked or sum([await backlog(self._client, queue) for queue in self._queues]) > 0
        except RPCError:
            return True  # a server that does not answer may hold work


async def worn_out(options: Options, jobs: Jobs, emptiness: Emptiness) -> Ending:
    """Wait for the first limit of the options that is reached, asked in the order in which Laravel asks.

    Args:
        options: the limits; without any, this never returns.
        jobs: what this process has done.
        emptiness: of the queues it polls.
    """
    started = time.monotonic()
    while True:
        jobs.changed.clear()
        if options.memory_mb and (resident := resident_mb()) > options.memory_mb:
            return Ending(f"memory is {resident} MB, over --memory {options.memory_mb}", MEMORY)
        if options.stop_when_empty and await emptiness.lasts():
            return Ending("the queues are empty")
        if options.max_time and time.monotonic() - started >= options.max_time.total_seconds():
            return Ending(f"--max-time {options.max_time.total_seconds():g} reached")
        if jobs.at_limit:
            return Ending(f"--max-jobs {jobs.limit} reached")
        with suppress(TimeoutError):
            async with asyncio.timeout(CHECK):
                await jobs.changed.wait()


def resident_mb() -> int:
    """Memory of this process in MB, as `top` and Laravel count it."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // MB
