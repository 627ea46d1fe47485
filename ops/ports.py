"""Ports of this machine for the servers that demo and dev start."""

import socket
from collections.abc import Callable

from ops.outcome import ExitCode, VerbFailed

HOST = "127.0.0.1"
NEXT_PORTS = 50


def is_free(port: int) -> bool:
    """True if a server could listen on 127.0.0.1:port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


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
