"""python -m sandbox as a process."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import get_args

import pytest

from sandbox import control
from sandbox.faults import Damage, Instead, OnTheWire, Paging, Spoiled
from sandbox.uzum import api as uzum
from sandbox.uzum.life import DEEDS
from sandbox.wildberries import api as wildberries
from sandbox.wildberries.deeds import ORDER_DEEDS, SUPPLY_DEEDS
from tests.fixtures.patience import PATIENCE
from tests.fixtures.sandbox import ROOT


@contextmanager
def sandbox(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Start it; when the block ends it has ended, or is killed."""
    command = [sys.executable, "-m", "sandbox", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_ends_cleanly_on_a_signal(signum: signal.Signals) -> None:
    with sandbox("--port=0", "--sellers=1") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Sandbox is listening on http://127.0.0.1:")
        process.send_signal(signum)
        output, errors = process.communicate(timeout=PATIENCE)

    assert (process.returncode, output, errors) == (0, "", "")


def test_it_ends_while_a_client_hangs() -> None:
    with sandbox("--port=0", "--sellers=1", "--latency-ms=600000") as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
            process.terminate()
            _, errors = process.communicate(timeout=PATIENCE)

    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com"])  # noqa: S104 - refused, as it should
def test_it_refuses_to_be_reached_from_elsewhere(host: str) -> None:
    with sandbox("--port=0", f"--host={host}") as process:
        output, errors = process.communicate(timeout=PATIENCE)

    assert process.returncode == 2
    assert "not a loopback address" in errors
    assert "Traceback" not in errors
    assert output == ""


def test_a_taken_port_is_named_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with sandbox(f"--port={port}") as process:
            _, errors = process.communicate(timeout=PATIENCE)

    assert process.returncode == 1
    assert f"127.0.0.1:{port}" in errors
    assert len(errors.strip().splitlines()) == 1


def test_the_page_about_the_sandbox_names_every_fault_verb_and_request() -> None:
    page = (ROOT / "docs/sandbox.md").read_text()
    kinds = {kind for group in (Instead, Spoiled, Paging, OnTheWire, Damage) for kind in get_args(group)}
    operations = {path for table in (wildberries.OPERATIONS, uzum.OPERATIONS, control.OPERATIONS) for _, path in table}
    short = {path.replace("{supplyId}", "{id}").replace("/api/v3/supplies/{id}/trbx", "/trbx") for path in operations}

    names = kinds | set(ORDER_DEEDS) | set(SUPPLY_DEEDS) | set(DEEDS) | short
    assert [name for name in sorted(names) if name not in page] == []
