"""Child processes of demo and dev, with small programs in their place."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops.demo import ports
from ops.demo.processes import Program, Supervisor, environment
from ops.outcome import ExitCode, VerbFailed
from tests.fixtures.patience import wait_until

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def said() -> list[str]:
    """What the supervisor has said."""
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Iterator[Supervisor]:
    """A supervisor that ends with the test."""
    supervisor = Supervisor(said.append)
    yield supervisor
    supervisor.stop()


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Program]:
    """Makes a program of a line of Python."""

    def make(code: str) -> Program:
        line = [sys.executable, "-c", code]
        return Program("worker", line, environment({"HINT": "here"}, without=("PATH",)), tmp_path / "worker.log")

    return make


def pid_of(supervisor: Supervisor) -> int:
    pid = supervisor.pid("worker")
    assert pid is not None
    return pid


def test_a_killed_program_is_started_again_at_once_and_said(
    supervisor: Supervisor, said: list[str], program: Callable[[str], Program]
) -> None:
    supervisor.start(program(SLEEP))
    first = pid_of(supervisor)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: supervisor.pid("worker") is None, "it is dead")
    supervisor.tend()
    assert said == ["worker ended (killed by SIGKILL).", f"worker runs again as process {pid_of(supervisor)}."]


def test_a_program_that_dies_at_once_says_why_and_waits_longer_each_time(
    supervisor: Supervisor, said: list[str], program: Callable[[str], Program]
) -> None:
    supervisor.start(program("raise SystemExit('no disk')"))
    began = time.monotonic()
    while len(said) < 5:
        supervisor.tend()
        time.sleep(0.05)
    assert said[0] == said[2] == said[4] == "worker ended (exit code 1). no disk"
    assert time.monotonic() - began > 0 + 1


def test_a_program_sees_its_settings_and_not_what_was_kept_from_it(
    supervisor: Supervisor, program: Callable[[str], Program], tmp_path: Path
) -> None:
    supervisor.start(program("import os; print(os.environ['HINT'], 'PATH' in os.environ)"))
    wait_until(lambda: "here False" in (tmp_path / "worker.log").read_text(), "it has printed")


def test_stopping_ends_what_was_started_and_waits_for_it(
    supervisor: Supervisor, program: Callable[[str], Program]
) -> None:
    supervisor.start(program(SLEEP))
    pid = pid_of(supervisor)
    supervisor.stop()
    assert not Path(f"/proc/{pid}").exists()


def test_a_usual_port_that_is_taken_is_stepped_around_and_said(said: list[str]) -> None:
    with socket.create_server((ports.HOST, 0)) as server:
        taken = server.getsockname()[1]
        chosen = ports.choose(None, taken, "--ui-port", said.append)
        assert chosen > taken
        assert said == [f"Port {taken} is taken by somebody else; taking {chosen} (--ui-port)."]
        with pytest.raises(VerbFailed) as refused:
            ports.choose(taken, 1, "--ui-port", said.append)
    assert refused.value.code is ExitCode.FAILED
