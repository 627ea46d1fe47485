"""The embedded Temporal dev server."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from ops.demo import temporal_server
from sellermind.errors import Misconfigured
from tests.fixtures.patience import wait_until
from tests.fixtures.ports import free_port
from tests.fixtures.proc import runs


async def test_the_server_keeps_finished_runs_for_thirty_days(client: Client) -> None:
    answer = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="default"))
    assert answer.config.workflow_execution_retention_ttl.ToTimedelta().days == 30


def test_the_web_ui_answers(temporal_ui_url: str) -> None:
    assert httpx.get(temporal_ui_url).status_code == 200


async def test_the_time_skipping_server_answers(time_skipping: WorkflowEnvironment) -> None:
    assert await time_skipping.get_current_time()


def test_a_taken_port_is_refused_before_another_server_answers_in_our_place(
    temporal_address: str, tmp_path: Path
) -> None:
    port = int(temporal_address.rpartition(":")[2])
    with (
        pytest.raises(Misconfigured, match=rf"cannot use 127\.0\.0\.1:{port}"),
        temporal_server.running(port=port, ui_port=free_port(), database=None, log=tmp_path / "temporal.log"),
    ):
        pass


def test_a_database_that_cannot_be_opened_is_one_sentence_with_the_log_to_read(tmp_path: Path) -> None:
    log = tmp_path / "temporal.log"
    with (
        pytest.raises(Misconfigured, match=rf"did not start .*missing: no such file or directory.*{log}"),
        temporal_server.running(
            port=free_port(),
            ui_port=free_port(),
            database=tmp_path / "missing" / "temporal.db",
            log=log,
        ),
    ):
        pass


def test_the_server_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    program = (
        "import pathlib, signal; from ops.demo import temporal_server\n"
        f"with temporal_server.running(port={free_port()}, ui_port={free_port()},"
        f" database=None, log=pathlib.Path({str(tmp_path / 'log')!r})) as server:\n"
        "    print(server.pid, flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        server = int(parent.stdout.readline())
        parent.kill()
    wait_until(lambda: not runs(server), "the server has ended")
