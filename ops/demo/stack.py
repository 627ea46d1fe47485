"""What demo and dev have in common: an embedded Temporal server, the three workers, the schedules."""

import json
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from ops.demo import ports, temporal_server
from ops.demo.board import Board, Line
from ops.demo.ports import HOST
from ops.demo.processes import Interruption, Program, Supervisor
from ops.outcome import ExitCode, VerbFailed
from sellermind.settings import CHECKOUT

TEMPORAL = "the Temporal server"
FIRST_WORKER = "workers.high"
OTHER_WORKERS = ("workers.default", "workers.low")
START_TIMEOUT = timedelta(seconds=60)
POLL_SECONDS = 0.1
REFRESH_SECONDS = 1.0
VERB_TIMEOUT = 60.0


class Stopped(Exception):
    """Somebody asked us to stop while we were still starting."""


@dataclass(frozen=True)
class TemporalPorts:
    """Where the embedded Temporal server listens."""

    grpc: int
    ui: int

    @property
    def address(self) -> str:
        """host:port for clients."""
        return f"{HOST}:{self.grpc}"

    @property
    def ui_url(self) -> str:
        """The Web UI, in the namespace that we use."""
        return f"http://{HOST}:{self.ui}/namespaces/default"


@dataclass(frozen=True)
class Stack:
    """The processes of one demo or dev."""

    folder: Path
    temporal: TemporalPorts
    environment: Mapping[str, str]
    supervisor: Supervisor
    interruption: Interruption
    board: Board

    def start_temporal(self) -> None:
        """Start the Temporal server; its state is in the folder."""
        line = temporal_server.command(
            port=self.temporal.grpc, ui_port=self.temporal.ui, database=self.folder / "temporal.db"
        )
        log = self.folder / "logs" / "temporal.log"
        self.supervisor.start(Program(TEMPORAL, line, self.environment, log, serves=True))

    def start_worker(self, module: str) -> None:
        """Start a worker; it waits by itself until Temporal answers."""
        ready_file = self._ready_file(module)
        ready_file.unlink(missing_ok=True)  # an earlier one that was killed with -9 left it
        self.supervisor.start(self.python(module, "--ready-file", str(ready_file)))

    def python(self, module: str, *arguments: str) -> Program:
        """One of our own modules as a program."""
        line = [sys.executable, "-m", module, *arguments]
        return Program(module, line, self.environment, self.folder / "logs" / f"{module}.log")

    def await_jobs(self) -> None:
        """Return when jobs run: Temporal answers, its schedules are ours, a worker polls; the others may follow.

        Raises:
            Stopped: somebody asked us to stop.
            VerbFailed: it did not get ready (FAILED).
        """
        self.await_until("Temporal", self._temporal_answers)
        self.board.say(f"Schedules: {self.verb('schedules', 'apply')}.")
        for module in OTHER_WORKERS:
            self.start_worker(module)
        self.await_until(FIRST_WORKER, lambda: self.polls(FIRST_WORKER))
        self.board.say("The first worker polls; the other two follow.")

    def verb(self, *arguments: str) -> str:
        """Run another verb against the stack, and give what it printed.

        In a process of its own: that one has Temporal's SDK, whose threads would not survive our starting children.

        Raises:
            VerbFailed: it failed, with its own message (FAILED).
        """
        done = subprocess.run(  # noqa: S603 (our own verbs)
            [sys.executable, "-m", "ops", *arguments],
            cwd=CHECKOUT,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=VERB_TIMEOUT,
            start_new_session=True,
        )
        if done.returncode:
            raise VerbFailed(ExitCode.FAILED, f"`sellermind {' '.join(arguments)}` failed: {done.stderr.strip()}")
        return done.stdout.strip()

    def typed(self, *arguments: str) -> str:
        """What a person types in another terminal to run a verb against the stack, from any folder."""
        script = shlex.join([str(CHECKOUT / "bin" / "sellermind"), *arguments])
        return f"(. {shlex.quote(str(self.folder / 'env'))}; {script})"

    def polls(self, module: str) -> bool:
        """Whether a worker has begun to poll."""
        return self._ready_file(module).exists()

    def await_until(self, what: str, ready: Callable[[], bool]) -> None:
        """Wait for something that is starting; what dies meanwhile is started again.

        Raises:
            Stopped: somebody asked us to stop.
            VerbFailed: it did not get ready in a minute (FAILED).
        """
        deadline = time.monotonic() + START_TIMEOUT.total_seconds()
        while not ready():
            self.supervisor.tend()
            if self.interruption.wait(POLL_SECONDS):
                raise Stopped
            if time.monotonic() > deadline:
                raise VerbFailed(
                    ExitCode.FAILED,
                    f"{what} did not get ready in {START_TIMEOUT.seconds} s; see why in {self.folder / 'logs'}.",
                )

    def watch(self, look: Callable[[], tuple[Sequence[Line], Sequence[str]]], seconds: float | None) -> None:
        """Keep everything running and show it, until somebody asks us to stop or the time is over.

        Args:
            look: gives the board's lines and hints of this moment.
            seconds: None: no end.
        """
        end = None if seconds is None else time.monotonic() + seconds
        with self.board:
            while not self.interruption.requested and (end is None or time.monotonic() < end):
                self.supervisor.tend()
                self.board.show(*look())
                self.interruption.wait(REFRESH_SECONDS)

    def serves(self, name: str, port: int) -> bool:
        """Whether this program of ours, and nobody else, listens on the port; False while nobody does.

        Raises:
            VerbFailed: somebody else does (FAILED).
        """
        return ports.is_served_by(self.supervisor.pid(name), port)

    def _temporal_answers(self) -> bool:
        listens = all(self.serves(TEMPORAL, port) for port in (self.temporal.grpc, self.temporal.ui))
        return listens and temporal_server.set_retention(self.temporal.address)

    def _ready_file(self, module: str) -> Path:
        return self.folder / f"{module}.ready"


@contextmanager
def stopped_at_the_end(supervisor: Supervisor, board: Board) -> Iterator[None]:
    """Stop every program at the end of a `with` block, however it ends, and say so in one line."""
    try:
        yield
    except Stopped:
        board.say("Asked to stop before everything was up.")
    finally:
        supervisor.stop()
        board.say("Stopped everything that was started here, and nothing else.")


def choose_ports(grpc: int | None, ui: int | None, say: Callable[[str], None]) -> TemporalPorts:
    """Ports for the Temporal server: those asked for, or the usual ones, or the next free after them.

    Raises:
        VerbFailed: none is free (FAILED).
    """
    chosen = ports.choose(grpc, 7233, "--temporal-port", say)
    return TemporalPorts(chosen, ports.choose(ui, 8233, "--ui-port", say, frozenset({chosen})))


def variables(settings: Mapping[str, Any], temporal: TemporalPorts) -> dict[str, str]:
    """Environment variables that make any of our processes work with this stack.

    Args:
        settings: fields of Settings, as `settings.load` takes them.
        temporal: the embedded server's ports.
    """
    ours = {f"SELLERMIND_{name.upper()}": _text(value) for name, value in settings.items()}
    return {**ours, "TEMPORAL_ADDRESS": temporal.address, "TEMPORAL_CONFIG_FILE": "/dev/null"}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
