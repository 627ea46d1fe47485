"""Traces, where OTEL_EXPORTER_OTLP_ENDPOINT names a collector: from the start of a run to its requests and statements.

Without one nothing of OpenTelemetry but its interface is imported, and every span here is the interface's empty one.
No span holds a token, a body, a parameter of a statement, or an error's text.
"""

import importlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from temporalio.plugin import SimplePlugin

from sellermind.settings import OpenTelemetry

FLUSH_SECONDS = 3.0
"""A collector that does not answer delays the end of a process by this much."""

_tracer = trace.get_tracer("sellermind")


def plugins() -> list[SimplePlugin]:
    """What a client of Temporal needs for its calls, and the runs of its workers, to be traced; nothing by default.

    The first call also starts this process's export of spans.

    Raises:
        Misconfigured: OTEL_EXPORTER_OTLP_PROTOCOL asks for another form than http/protobuf.
    """
    if not OpenTelemetry().wanted:
        return []
    # Imported here: the SDK of OpenTelemetry is 20 MB that a worker without a collector does not pay.
    plugin: SimplePlugin = importlib.import_module("sellermind.trace_export").plugin()
    return [plugin]


def trace_ids() -> dict[str, str]:
    """`trace_id` and `span_id` of where this thread is, for a log line; nothing outside a trace."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    return {"trace_id": trace.format_trace_id(context.trace_id), "span_id": trace.format_span_id(context.span_id)}


@contextmanager
def request_span(method: str, route: str, host: str | None) -> Iterator[trace.Span]:
    """A span around one HTTP request, by the semantic conventions; no trace begins with one.

    Args:
        method: GET, POST.
        route: the path with placeholders for ids.
        host: the server's name.
    """
    if not trace.get_current_span().is_recording():
        yield trace.INVALID_SPAN
        return
    attributes = {"http.request.method": method, "url.template": route, "server.address": host or ""}
    with _tracer.start_as_current_span(f"{method} {route}", kind=trace.SpanKind.CLIENT, attributes=attributes) as span:
        yield span


def note_status(span: trace.Span, status: int) -> None:
    """Write down the status with which a request was answered; 4xx and 5xx are errors."""
    span.set_attribute("http.response.status_code", status)
    if status >= 400:  # noqa: PLR2004 (the first status that says no)
        span.set_status(trace.StatusCode.ERROR)


def flush() -> None:
    """Send what is left of this process's spans, within FLUSH_SECONDS; call it before the process ends."""
    sending = getattr(trace.get_tracer_provider(), "force_flush", None)
    if sending:
        # The provider's own timeout is not kept (open-telemetry/opentelemetry-python issue 4568).
        thread = threading.Thread(target=sending, daemon=True)
        thread.start()
        thread.join(FLUSH_SECONDS)
