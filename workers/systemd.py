"""What systemd hears of a worker process under Type=notify: that it is ready, that it lives, that it stops."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from sellermind.settings import Systemd

PINGS = 3
"""In each span after which systemd would call the process frozen: two may be late."""

MICROSECONDS = 1_000_000

log = structlog.stdlib.get_logger("workers")


@contextmanager
def shown_to(systemd: Systemd) -> Iterator[None]:
    """Be ready for systemd for the length of a `with` block, and stopping after it."""
    _tell(systemd, "READY=1")
    try:
        yield
    finally:
        _tell(systemd, "STOPPING=1")


async def keep_watchdog_calm(systemd: Systemd) -> None:
    """Tell systemd, until cancelled, that the event loop turns; nothing to do without WatchdogSec.

    To the very end of a stop: systemd watches a draining process too.
    """
    while systemd.watchdog_usec:
        _tell(systemd, "WATCHDOG=1")
        await asyncio.sleep(systemd.watchdog_usec / MICROSECONDS / PINGS)


def _tell(systemd: Systemd, state: str) -> None:
    """Send a datagram as sd_notify(3) describes it; nobody listens without NOTIFY_SOCKET."""
    if not systemd.notify_socket:
        return
    # A leading @ stands for the zero byte of an abstract address.
    address = systemd.notify_socket.replace("@", "\0", 1) if systemd.notify_socket[0] == "@" else systemd.notify_socket
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        try:
            channel.sendto(state.encode(), address)
        except OSError as error:
            log.warning("systemd does not hear us", state=state, reason=error.strerror)
