"""The child processes of demo and dev: started, watched, started again, stopped; no others are touched."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import FrameType

from ops.demo.temporal_server import dying_with_parent
from sellermind.settings import CHECKOUT

STEP = 0.1
GRACE = timedelta(seconds=10)
QUICK_DEATH = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(seconds=30)


def environment(settings: Mapping[str, str], *, without: tuple[str, ...]) -> dict[str, str]:
    """The environment of a child process: PATH, HOME, proxies and the like as they are, and our settings.

    Args:
        settings: variables that the child is to find.
        without: beginnings of the variables that must not leak into it from the operator's own environment.
    """
    inherited = os.environ  # noqa: TID251 (a child gets the whole environment, not a setting from it)
    kept = {name: value for name, value in inherited.items() if not name.startswith(without)}
    return {**kept, "PYTHONUNBUFFERED": "1", **settings}


@dataclass(frozen=True)
class Program:
    """What to run: its name for people, command line, environment, log file."""

    name: str
    line: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    serves: bool = False
    """Others of ours talk to it, so it is stopped after them."""
    loses: str = ""
    """What a person must know when it was started again: what went with the old process."""

    def last_words(self) -> str:
        """The last line of its log, or nothing."""
        said = self.log.read_text(errors="replace").split("\n") if self.log.exists() else []
        return next((line.strip()[:200] for line in reversed(said) if line.strip()), "")


class Interruption:
    """Whether somebody asked us to stop. Ctrl-C, SIGTERM and a closed terminal all end in the same orderly stop."""

    def __init__(self) -> None:
        self.requested = False

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen for the length of a `with` block; the handlers before it come back afterwards."""
        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._request) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def wait(self, seconds: float) -> bool:
        """Sleep, at most `seconds`; True if we should stop."""
        until = time.monotonic() + seconds
        while not self.requested and (left := until - time.monotonic()) > 0:
            time.sleep(min(STEP, left))
        return self.requested

    def _request(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.requested = True


@dataclass
class Child:
    """A program that should run, and its process now."""

    program: Program
    process: subprocess.Popen[bytes]
    started_at: float
    quick_deaths: int = 0
    start_again_at: float | None = None


@dataclass
class Supervisor:
    """Keeps programs running. Each gets its own session, so that a terminal's Ctrl-C reaches only us."""

    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)

    def start(self, program: Program) -> None:
        """Start a program and watch it from now on."""
        self.children.append(Child(program, _spawn(program), time.monotonic()))

    def pid(self, name: str) -> int | None:
        """Process id of a running program."""
        running = (c.process for c in self.children if c.program.name == name and c.process.poll() is None)
        return next((process.pid for process in running), None)

    def tend(self) -> None:
        """Start every program again that has ended, and say so; one that keeps dying waits longer each time."""
        for child in self.children:
            if child.start_again_at is None and child.process.poll() is not None:
                self._mourn(child)
            if child.start_again_at is not None and time.monotonic() >= child.start_again_at:
                self._start_again(child)

    def stop(self) -> None:
        """End all programs, servers last; what does not end in time is killed."""
        for serves in (False, True):
            _end([c.process for c in self.children if c.program.serves is serves and c.process.poll() is None])
        self.children.clear()

    def _start_again(self, child: Child) -> None:
        child.process = _spawn(child.program)
        child.started_at, child.start_again_at = time.monotonic(), None
        again = f"{child.program.name} runs again as process {child.process.pid}."
        self.say(f"{again} {child.program.loses}".strip())

    def _mourn(self, child: Child) -> None:
        """Say how a program ended, and decide when it starts again."""
        lived = time.monotonic() - child.started_at
        child.quick_deaths = child.quick_deaths + 1 if lived < QUICK_DEATH.total_seconds() else 0
        pause = min(2.0 ** max(child.quick_deaths - 1, 0) - 1, LONGEST_PAUSE.total_seconds())
        child.start_again_at = time.monotonic() + pause
        words = child.program.last_words() if child.quick_deaths else ""
        self.say(f"{child.program.name} ended ({_how(child.process.returncode)}). {words}".strip())


def _spawn(program: Program) -> subprocess.Popen[bytes]:
    with program.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 (command lines of our own making)
            dying_with_parent(list(program.line)),
            cwd=CHECKOUT,
            env=dict(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + GRACE.total_seconds()
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _how(code: int) -> str:
    """`killed by SIGKILL` or `exit code 1`."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
