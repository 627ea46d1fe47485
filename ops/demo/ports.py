"""Ports of this machine for the servers that demo and dev start."""

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from ops.outcome import ExitCode, VerbFailed

HOST = "127.0.0.1"
NEXT_PORTS = 50
LISTENS = "0A"  # a socket's state in /proc/net/tcp


def is_free(port: int) -> bool:
    """True if a server could listen on 127.0.0.1:port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def is_served_by(pid: int | None, port: int) -> bool:
    """True if this process listens on 127.0.0.1:port, False while nobody does.

    Args:
        pid: process that should; None while it is down.
        port: where.

    Raises:
        VerbFailed: somebody else took the port after it was chosen, and would answer in its place (FAILED).
    """
    listeners = _listeners(port)
    if not listeners:
        return False
    if pid is not None and not listeners.isdisjoint(_sockets(pid)):
        return True
    raise VerbFailed(ExitCode.FAILED, f"Port {port} was taken by somebody else just now; start again to take another.")


def _listeners(port: int) -> set[str]:
    """What listens on 127.0.0.1:port, as a process's file descriptors name it."""
    address = f"{int.from_bytes(socket.inet_aton(HOST), sys.byteorder):08X}:{port:04X}"
    rows = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()]
    return {f"socket:[{row[9]}]" for row in rows if row[1] == address and row[3] == LISTENS}


def _sockets(pid: int) -> Iterator[str]:
    files: list[Path] = []
    with suppress(FileNotFoundError):  # it is gone
        files = list(Path(f"/proc/{pid}/fd").iterdir())
    for file in files:
        with suppress(FileNotFoundError):  # this one was closed meanwhile, as the one that listed them
            yield str(file.readlink())


def choose(
    wanted: int | None,
    usual: int,
    option: str,
    say: Callable[[str], None],
    avoid: frozenset[int] = frozenset(),
) -> int:
    """A port to listen on: the one asked for, or the usual one or the next free after it.

    Args:
        wanted: what the operator asked for by `option`; then nothing else will do.
        usual: where people look first.
        option: name of the option, for the message.
        say: told when the usual port is taken by somebody else.
        avoid: ports already given to other servers of this run.

    Raises:
        VerbFailed: the wanted port, or every port from the usual one on, is taken.
    """
    if wanted is not None:
        if is_free(wanted) and wanted not in avoid:
            return wanted
        raise VerbFailed(ExitCode.FAILED, f"Port {wanted} is taken; name another with {option}, or leave {option} out.")
    for port in range(usual, usual + NEXT_PORTS):
        if port not in avoid and is_free(port):
            if port != usual:
                say(f"Port {usual} is taken by somebody else; taking {port} ({option}).")
            return port
    raise VerbFailed(
        ExitCode.FAILED, f"Ports {usual} to {usual + NEXT_PORTS - 1} are all taken; name a free one with {option}."
    )
