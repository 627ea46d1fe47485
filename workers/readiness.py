"""Readiness: a process is ready when the server sees it polling, not when it has started."""

import asyncio
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError

from sellermind.errors import Misconfigured
from sellermind.queues import TaskQueue
from workers.queue_state import is_polled_by

CHECK = 0.1
LONGEST_WAIT = 10.0
"""A server with several partitions may not show our polls for a while: then the worker is called ready without."""


async def polling(client: Client, queues: Iterable[TaskQueue]) -> None:
    """Return when the server sees this process poll all the queues."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_WAIT):
            for queue in queues:
                while not await _is_polled(client, queue):  # noqa: ASYNC110 (the server must be asked)
                    await asyncio.sleep(CHECK)


def not_ready(ready_file: Path | None) -> None:
    """Remove the ready file, if there is one: a killed process leaves its own behind.

    Raises:
        Misconfigured: it cannot be removed.
    """
    if not ready_file:
        return
    try:
        ready_file.unlink(missing_ok=True)
    except OSError as error:
        raise _unusable(ready_file, error) from error


@contextmanager
def shown_in(ready_file: Path | None) -> Iterator[None]:
    """Keep the ready file there for the length of a `with` block; it holds the process id.

    Raises:
        Misconfigured: it cannot be written or removed.
    """
    if ready_file:
        try:
            ready_file.write_text(f"{os.getpid()}\n")
        except OSError as error:
            raise _unusable(ready_file, error) from error
    try:
        yield
    finally:
        not_ready(ready_file)


def _unusable(ready_file: Path, error: OSError) -> Misconfigured:
    return Misconfigured(f"The ready file {ready_file} cannot be used ({error.strerror}); name another.")


async def _is_polled(client: Client, queue: TaskQueue) -> bool:
    try:
        return await is_polled_by(client, queue, client.identity)
    except RPCError:
        return False  # the workers go on trying, and so do we
