"""Traces, by a real OTLP receiver: one sync is one trace, from its start to its requests and statements."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from schedules.apply import register_search_attributes
from tests.fixtures.command_line import sellermind
from tests.fixtures.product import Product, add_account, until

JOB = "SyncNewWildberriesOrders"
ACTIVITY = "pull_new_wildberries_orders"


@dataclass
class Collector:
    """What arrived at /v1/traces."""

    port: int
    received: list[bytes] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process of ours send its spans here."""
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.port}", "OTEL_BSP_SCHEDULE_DELAY": "200"}

    def spans(self) -> list[Span]:
        """Every span so far."""
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.received]
        return [
            span
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def under(self, name: str) -> list[Span]:
        """The spans whose parent has this name."""
        spans = self.spans()
        parents = {span.span_id for span in spans if span.name == name}
        return [span for span in spans if span.parent_span_id in parents]


@contextmanager
def collecting() -> Iterator[Collector]:
    """An OTLP/HTTP receiver on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            opened.received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        opened = Collector(server.server_port)
        Thread(target=server.serve_forever, daemon=True).start()
        yield opened
        server.shutdown()


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A receiver for one test."""
    with collecting() as running:
        yield running


async def test_a_dispatched_sync_is_one_trace_with_its_requests_and_statements_and_no_secret(
    product: Product, collector: Collector
) -> None:
    await register_search_attributes(product.client)
    seller = product.sandbox.sellers()[0]
    product.sandbox.make_orders(seller["sid"], 2)
    account = add_account(product.engine, product.settings, seller)
    environment = product.environment | collector.environment
    with product.worker("high", "traced", **collector.environment):
        done = await asyncio.to_thread(
            sellermind, "dispatch", JOB, "--account", str(account.id), "--wait", environment=environment
        )
        assert done.code == 0, done.err
        await until(lambda: bool(collector.under(f"RunActivity:{ACTIVITY}")), "the activity's spans arrived")
        await until(lambda: any(s.name == f"RunWorkflow:{JOB}" for s in collector.spans()), "the run's span arrived")
    spans = [span for span in collector.spans() if not span.name.startswith("QueryWorkflow")]
    assert len({span.trace_id for span in spans}) == 1
    (root,) = [span for span in spans if not span.parent_span_id]
    assert root.name == f"StartWorkflow:{JOB}"
    assert {span.name for span in collector.under(root.name)} == {f"RunWorkflow:{JOB}"}
    below = {span.name for span in collector.under(f"RunActivity:{ACTIVITY}")}
    assert {"GET /api/v3/orders/new", "INSERT wb_orders", "SELECT marketplace_accounts"} <= below
    assert seller["token"].encode() not in b"".join(collector.received)
    log = (product.folder / "traced.log").read_text().splitlines()
    assert all("trace_id" in line or "workflow_id" not in line for line in map(json.loads, log))
