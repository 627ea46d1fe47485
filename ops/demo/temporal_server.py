"""The embedded Temporal dev server: the one place that knows its command line."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sellermind.errors import Misconfigured

HOST = "127.0.0.1"
START_TIMEOUT = timedelta(minutes=2)  # on a busy machine; the death of one is noticed at once
STOP_TIMEOUT = timedelta(seconds=10)
RETENTION = "30d"
"""How long finished runs stay: `queue failed` and `queue retry` see nothing older. The default is a day."""

DYNAMIC_CONFIG = (
    "matching.enableFairness=true",  # off by default: one tenant's backlog would delay every other
    "matching.numTaskqueueReadPartitions=1",  # four partitions blur order, bursts and rate limits
    "matching.numTaskqueueWritePartitions=1",
    'history.timerProcessorMaxTimeShift="10ms"',  # else timers and back-offs are rounded up to a second
    "history.transferProcessorMaxPollRPS=2000",  # else every hop waits for a 50 ms slot
    "worker.schedulerNamespaceStartWorkflowRPS=300.0",
    'matching.TaskQueueInfoByBuildIdTTL="500ms"',  # else `queue stats` and --stop-when-empty see 5 s into the past
    'history.transferProcessorUpdateAckInterval="1s"',  # else a run that just failed takes half a minute to delete
    # Broken workflow code shows in seconds.
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2",
)
SQLITE_PRAGMAS = ("journal_mode=wal", "synchronous=normal")  # twice the throughput, and it survives kill -9


@dataclass(frozen=True)
class TemporalServer:
    """A running dev server: where clients and browsers find it, and its process id."""

    address: str
    ui_url: str
    pid: int


def executable() -> str:
    """Path of the `temporal` command line tool beside this Python.

    Raises:
        Misconfigured: it is not installed there.
    """
    path = Path(sys.executable).parent / "temporal"
    if not path.exists():
        raise Misconfigured(f"The Temporal server is not installed: {path} is missing. Run `make setup`.")
    return str(path)


def command(*, port: int, ui_port: int, database: Path | None) -> list[str]:
    """Command line of the dev server on 127.0.0.1.

    Args:
        port: gRPC port for clients and workers.
        ui_port: port of the Web UI.
        database: SQLite file that outlives the process; None keeps everything in memory.

    Raises:
        Misconfigured: the executable is missing.
    """
    line = [executable(), "server", "start-dev", "--ip", HOST, "--port", str(port), "--ui-port", str(ui_port)]
    line += ["--ui-disable-news-fetch"]
    line += [part for setting in DYNAMIC_CONFIG for part in ("--dynamic-config-value", setting)]
    if database:
        line += ["--db-filename", str(database)]
        line += [part for pragma in SQLITE_PRAGMAS for part in ("--sqlite-pragma", pragma)]
    return line


def dying_with_parent(line: list[str]) -> list[str]:
    """The same command line, ended by SIGTERM when the thread that started it is gone, however that happened.

    Without Linux's setpriv it is returned as it is: a parent killed with -9 then leaves its child behind.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--", *line] if setpriv else line


@contextmanager
def running(*, port: int, ui_port: int, database: Path | None, log: Path) -> Iterator[TemporalServer]:
    """Run the dev server for the length of a `with` block, in its own session: Ctrl-C is the caller's alone.

    Args:
        port: free port for gRPC.
        ui_port: free port for the Web UI.
        database: SQLite file (its folder must exist), or None for memory.
        log: file that takes what the server prints; appended to.

    Yields:
        The server, answering, with its namespace ready.

    Raises:
        Misconfigured: the executable is missing, the port is taken, the database cannot be opened, or it does
            not answer within two minutes.
    """
    line = dying_with_parent(command(port=port, ui_port=ui_port, database=database))
    _refuse_taken(port, ui_port)
    with log.open("ab") as output:
        process = subprocess.Popen(line, stdout=output, stderr=output, start_new_session=True)  # noqa: S603 (fixed line)
    try:
        _wait(process, f"{HOST}:{port}", log)
        yield TemporalServer(address=f"{HOST}:{port}", ui_url=f"http://{HOST}:{ui_port}", pid=process.pid)
    finally:
        _stop(process)


def _refuse_taken(*ports: int) -> None:
    """Look before the start: on a taken port, another server would answer in place of ours."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise Misconfigured(
                    f"The Temporal server cannot use {HOST}:{port} ({error.strerror}); free it or choose another."
                ) from error


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Return once the namespace is there and keeps finished runs for RETENTION."""
    deadline = time.monotonic() + START_TIMEOUT.total_seconds()
    while time.monotonic() < deadline and process.poll() is None:
        if set_retention(address):
            return
        time.sleep(0.05)
    said = log.read_text(errors="replace").strip().splitlines()
    raise Misconfigured(
        f"The Temporal server did not start on {address} ({said[-1] if said else 'it said nothing'}); "
        f"see {log}, mend that, and start again."
    )


def set_retention(address: str) -> bool:
    """Set the namespace's retention; False while the server does not answer yet."""
    line = [
        executable(),
        "operator",
        "namespace",
        "update",
        "--namespace",
        "default",
        "--retention",
        RETENTION,
    ]
    line += ["--address", address, "--command-timeout", "5s"]
    return subprocess.run(line, capture_output=True, check=False).returncode == 0  # noqa: S603 (fixed line)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server by its process id, and wait until its ports are free again."""
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT.total_seconds())
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
