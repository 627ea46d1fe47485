"""What a worker reports to Sentry, received by a real HTTP server: what failed for good, once, and nothing private."""

import gzip
import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError

from tests.fixtures.http_server import answering
from tests.fixtures.reporting_worker import CANARY, Failing
from tests.fixtures.worker_process import Site, started

WAYS = ("heals", "revoked", "bug", "late", "workflow bug")


@dataclass
class SentryServer:
    """What arrived."""

    port: int = 0
    bodies: list[bytes] = field(default_factory=list)

    @property
    def dsn(self) -> str:
        """Where a worker reports to it."""
        return f"http://public@127.0.0.1:{self.port}/1"

    def events(self) -> list[dict[str, Any]]:
        """The events: an envelope is JSON lines, a header before each item (develop.sentry.dev, envelopes)."""
        lines = [json.loads(line) for body in self.bodies for line in body.splitlines() if line]
        return [line for line in lines if "exception" in line]


@pytest.fixture
def sentry() -> Iterator[SentryServer]:
    """A receiver of Sentry's envelopes."""
    opened = SentryServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            opened.bodies.append(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with answering(Handler) as port:
        opened.port = port
        yield opened


async def test_what_failed_for_good_is_reported_once_and_neither_what_heals_nor_anything_private(
    site: Site, sentry: SentryServer
) -> None:
    environment = site.environment | {"SELLERMIND_SENTRY_DSN": sentry.dsn}
    async with started("high", environment=environment, module="tests.fixtures.reporting_worker") as worker:
        runs = [
            await site.client.start_workflow(Failing.run, how, id=how.replace(" ", "-"), task_queue="high")
            for how in WAYS
        ]
        assert await runs[0].result() == 2
        for run in runs[1:]:
            with pytest.raises(WorkflowFailureError):
                await run.result()
        worker.signal(signal.SIGTERM)
        assert (await worker.ended())[0] == 0
    reported = {
        (event["tags"]["workflow_id"], event["tags"].get("activity_type"), event["tags"]["error_type"], event["level"])
        for event in sentry.events()
    }
    assert reported == {
        ("revoked", "fail", "AccessRevoked", "warning"),
        ("bug", "fail", "KeyError", "error"),
        ("late", None, "Unavailable", "error"),
        ("workflow-bug", None, "ZeroDivisionError", "error"),
    }
    assert len(sentry.events()) == len(reported)
    everything = b"".join(sentry.bodies)
    assert b"Wildberries refused the token of account 7" in everything  # our own words, which a person needs
    assert b"reporting_worker.py" in everything  # and where it happened
    assert CANARY.encode() not in everything
    assert b'"vars"' not in everything


async def test_a_dsn_that_is_none_is_said_in_a_sentence(site: Site) -> None:
    environment = site.environment | {"SELLERMIND_SENTRY_DSN": "sentry.example"}
    async with started("high", environment=environment, module="tests.fixtures.reporting_worker") as worker:
        code, said = await worker.ended()
    assert (code, said.startswith("SELLERMIND_SENTRY_DSN is none (")) == (1, True)
