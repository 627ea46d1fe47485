"""A port chosen a moment ago may be somebody else's by the time our server wants it."""

import os
import socket

import pytest

from ops.demo import ports
from ops.outcome import VerbFailed


def test_a_program_serves_its_port_while_it_listens() -> None:
    with socket.create_server((ports.HOST, 0)) as server:
        port = int(server.getsockname()[1])
        assert ports.is_served_by(os.getpid(), port)
    assert not ports.is_served_by(os.getpid(), port)


def test_somebody_else_on_the_port_is_never_taken_for_our_program() -> None:
    with socket.create_server((ports.HOST, 0)) as server:
        port = int(server.getsockname()[1])
        for ours in (os.getppid(), None):
            with pytest.raises(VerbFailed, match=f"Port {port} was taken by somebody else"):
                ports.is_served_by(ours, port)
