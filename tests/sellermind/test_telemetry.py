"""Logs: what a line holds, whatever is thrown at it."""

import json
import logging
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import structlog
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

from sellermind import telemetry
from sellermind.errors import Misconfigured, Unavailable
from tests.fixtures.patience import PATIENCE

HOSTILE = 'x\n{"level":"critical","event":"forged"}\r\x1b[2J\x85\u2028\ud800\x00'


def line(record: logging.LogRecord, *, pretty: bool = False) -> str:
    return telemetry.formatter(pretty=pretty).format(record)


def record(event: str, *args: object, exc_info: Any = None, **extra: object) -> logging.LogRecord:
    return logging.getLogger("shop").makeRecord(
        "shop", logging.WARNING, __file__, 1, event, args, exc_info, extra=dict(extra)
    )


def test_a_line_is_one_json_object_with_the_fields_of_the_call() -> None:
    found = json.loads(line(record("stored %d orders", 3, account_id=7, price=float("nan"), by={"a": 1})))
    assert datetime.fromisoformat(found.pop("ts")).utcoffset() == timedelta()
    assert found == {
        "level": "warning",
        "event": "stored 3 orders",
        "logger": "shop",
        "account_id": 7,
        "price": "nan",
        "by": "{'a': 1}",
    }


def test_hostile_text_cannot_forge_a_line_or_drive_a_terminal() -> None:
    text = line(record(HOSTILE, **{HOSTILE: HOSTILE}))
    found = json.loads(text)
    assert found["level"] == "warning"
    assert len(text.splitlines()) == 1
    on_terminal = line(record(HOSTILE, note=HOSTILE), pretty=True)
    assert len(on_terminal.splitlines()) == 1
    assert "[2J" in on_terminal
    assert "\x1b[2J" not in on_terminal


def test_an_error_of_ours_is_one_short_line_without_a_traceback() -> None:
    error = Unavailable("Wildberries GET /api/v3/orders/new: 502")
    found = json.loads(line(record("Completing activity as failed", exc_info=(type(error), error, None))))
    assert found["error"] == "Unavailable: Wildberries GET /api/v3/orders/new: 502"
    assert "exception" not in found


def test_a_field_of_the_call_cannot_replace_level_or_time() -> None:
    found = json.loads(line(record("x", ts="never", level="none", logger="other")))
    assert (found["level"], found["logger"], found["ts"][:2]) == ("warning", "shop", "20")


def test_secrets_are_redacted_in_message_field_and_traceback() -> None:
    try:
        int("Authorization: canary")
    except ValueError:
        found = line(record("mysql://u:canary@h/db", api_token="canary", exc_info=sys.exc_info()))
    assert "canary" not in found
    assert json.loads(found)["exception"].endswith("with base 10: 'Authorization: [redacted]'")


def test_a_terminal_shows_the_run_and_the_traceback_without_local_variables() -> None:
    try:
        secret = "c" + "anary"
        int(secret[:0])
    except ValueError:
        extra = {"temporal_activity": {"workflow_id": "sync/7", "workflow_run_id": "r", "attempt": 2}}
        found = line(record("failed", exc_info=sys.exc_info(), **extra), pretty=True)
    assert "sync/7" in found
    assert "\x1b[" in found
    assert "int(secret" in found
    assert "canary" not in found
    assert "run_id" not in found


def test_an_unknown_level_is_one_sentence() -> None:
    with pytest.raises(Misconfigured, match="SELLERMIND_LOG_LEVEL is 'LOUD'; use DEBUG, INFO"):
        telemetry.configure("LOUD")


def run(program: str, **pipes: Any) -> subprocess.CompletedProcess[str]:
    start = "import logging, structlog, sys, warnings; from sellermind import telemetry; telemetry.configure('INFO');"
    line = [sys.executable, "-c", start + program]
    return subprocess.run(line, text=True, timeout=PATIENCE, check=False, **({"capture_output": True} | pipes))


def test_every_source_of_records_ends_in_one_stream_of_json() -> None:
    done = run(
        "structlog.get_logger('ours').info('structured', account_id=7); logging.getLogger('theirs').info('plain');"
        "logging.getLogger('httpx').info('GET'); structlog.get_logger('ours').debug('no');"
        "warnings.warn('old'); telemetry.leave(3)"
    )
    lines = [json.loads(text) for text in done.stdout.splitlines()]
    assert [(found["logger"], found["event"].split(": ")[-1].strip()) for found in lines[:2]] == [
        ("ours", "structured"),
        ("theirs", "plain"),
    ]
    assert lines[0]["account_id"] == 7
    assert [found["logger"] for found in lines[2:]] == ["py.warnings"]
    assert (done.returncode, done.stderr) == (3, "")


def test_a_full_disk_is_said_once_and_the_work_goes_on() -> None:
    with Path("/dev/full").open("w") as full:
        done = run(
            "log = logging.getLogger('shop'); [log.warning('x') for _ in range(3)];"
            "sys.stderr.write('worked'); telemetry.leave(0)",
            capture_output=False,
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert done.returncode == 0
    assert done.stderr.count("No space left on device") == 1
    assert done.stderr.endswith("worked")


@activity.defn
def log_in_an_activity() -> None:
    activity.logger.info("from the SDK's logger")
    logging.getLogger("storage").info("from a logger that knows nothing of Temporal")
    structlog.stdlib.get_logger("storage").info("from structlog")


@workflow.defn(sandboxed=False)
class LogInAWorkflow:
    @workflow.run
    async def run(self) -> None:
        workflow.logger.info("from the workflow", extra={"orders": 3})
        await workflow.execute_activity(log_in_an_activity, start_to_close_timeout=timedelta(seconds=10))


@pytest.fixture
def logged() -> Any:
    """What this process logs, as `configure` writes it."""
    root, stream = logging.getLogger(), StringIO()
    before = root.handlers[:], root.level, sys.stdout
    sys.stdout = stream
    telemetry.configure("INFO", pretty=False)
    sys.stdout = before[2]
    yield stream
    root.handlers, root.level = before[:2]
    logging.captureWarnings(capture=False)


async def test_a_real_run_is_named_in_every_line_of_its_workflow_and_activity(client: Client, logged: StringIO) -> None:
    queue = f"telemetry-{uuid.uuid4()}"
    with ThreadPoolExecutor(1) as executor:
        async with Worker(
            client,
            task_queue=queue,
            workflows=[LogInAWorkflow],
            activities=[log_in_an_activity],
            activity_executor=executor,
        ):
            handle = await client.start_workflow(LogInAWorkflow.run, id=queue, task_queue=queue)
            await handle.result()
    lines = [json.loads(text) for text in logged.getvalue().splitlines()]
    ours = {found["event"]: found for found in lines if found["event"].startswith("from")}
    assert ours.keys() == {
        "from the workflow",
        "from the SDK's logger",
        "from a logger that knows nothing of Temporal",
        "from structlog",
    }
    run = {"workflow_id": queue, "run_id": handle.result_run_id, "workflow_type": "LogInAWorkflow", "attempt": 1}
    assert all(found.items() >= (run | {"task_queue": queue}).items() for found in ours.values())
    assert ours["from the workflow"]["orders"] == 3
    assert ours["from structlog"]["activity_type"] == "log_in_an_activity"
