"""What demo and dev have in common: an embedded Temporal server, the three workers, the schedules."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from ops import temporal_server
from ops.outcome import ExitCode, VerbFailed
from ops.ports import HOST
from ops.processes import Interruption, Program, Supervisor
from sellermind.settings import CHECKOUT

TEMPORAL = "the Temporal server"
WORKERS = ("workers.high", "workers.default", "workers.low")
START_TIMEOUT = timedelta(seconds=60)
POLL_SECONDS = 0.1
APPLY_TIMEOUT = 60.0


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


def variables(overrides: Mapping[str, Any], ports: TemporalPorts) -> dict[str, str]:
    """Environment variables that make any of our processes work with this stack.

    Args:
        overrides: fields of Settings, as `Settings(**overrides)` takes them.
        ports: the embedded Temporal server's.
    """
    ours = {f"SELLERMIND_{name.upper()}": _text(value) for name, value in overrides.items()}
    return {**ours, "TEMPORAL_ADDRESS": ports.address, "TEMPORAL_CONFIG_FILE": "/dev/null"}


def temporal_program(folder: Path, ports: TemporalPorts, environment: Mapping[str, str]) -> Program:
    """The embedded Temporal server, its state in the folder."""
    line = temporal_server.command(port=ports.grpc, ui_port=ports.ui, database=folder / "temporal.db")
    return Program(TEMPORAL, line, environment, folder / "logs" / "temporal.log", serves=True)


def python_program(module: str, folder: Path, environment: Mapping[str, str], *arguments: str) -> Program:
    """One of our own modules as a process, its log in the folder."""
    return Program(module, [sys.executable, "-m", module, *arguments], environment, folder / "logs" / f"{module}.log")


def start_workers(supervisor: Supervisor, folder: Path, environment: Mapping[str, str]) -> None:
    """Start the three workers; each waits by itself until Temporal answers."""
    for module in WORKERS:
        ready = folder / f"{module}.ready"
        ready.unlink(missing_ok=True)
        supervisor.start(python_program(module, folder, environment, "--ready-file", str(ready)))


def workers_ready(folder: Path) -> bool:
    """True once every worker has said that it polls."""
    return all((folder / f"{module}.ready").exists() for module in WORKERS)


def await_until(what: str, ready: Callable[[], bool], supervisor: Supervisor, interruption: Interruption) -> None:
    """Wait for something that is starting, and keep what has died meanwhile running.

    Raises:
        Stopped: somebody asked us to stop.
        VerbFailed: it did not get ready in a minute (FAILED).
    """
    tries = int(START_TIMEOUT.total_seconds() / POLL_SECONDS)
    for _ in range(tries):
        if ready():
            return
        supervisor.tend()
        if interruption.wait(POLL_SECONDS):
            raise Stopped
    raise VerbFailed(
        ExitCode.FAILED, f"{what} did not get ready in {START_TIMEOUT.seconds} s; the logs beside it say why."
    )


def apply_schedules(environment: Mapping[str, str]) -> None:
    """Run `sellermind schedules apply` against the stack, in a process of its own.

    Temporal's SDK lives in that process: this one forks children, and its threads would not survive that.

    Raises:
        VerbFailed: it failed; the message is its own.
    """
    done = subprocess.run(
        [sys.executable, "-m", "ops", "schedules", "apply"],
        cwd=CHECKOUT,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=APPLY_TIMEOUT,
        start_new_session=True,
    )
    if done.returncode:
        raise VerbFailed(ExitCode.FAILED, f"The schedules were not applied: {done.stderr.strip()}")


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
