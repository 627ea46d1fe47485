"""The sending side of traces: OTLP over HTTP, as the OTEL_… variables say. Imported only where there is a collector."""

from collections.abc import Sequence

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin, ReplaySafeTracerProvider, create_tracer_provider
from temporalio.plugin import SimplePlugin

from sellermind.settings import OpenTelemetry
from sellermind.version import version


def plugin() -> SimplePlugin:
    """Spans for starts, runs and activities; ids made in a workflow are the same when it is replayed."""
    if not isinstance(trace.get_tracer_provider(), ReplaySafeTracerProvider):
        _start()
    return OpenTelemetryPlugin(add_temporal_spans=True)


def _start() -> None:
    # Resource.create lets OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win over what it is given.
    ours = {SERVICE_VERSION: version()} | ({} if OpenTelemetry().service_name else {SERVICE_NAME: "sellermind"})
    provider = create_tracer_provider(resource=Resource.create(ours), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(Discreet()))
    trace.set_tracer_provider(provider)


class Discreet(OTLPSpanExporter):
    """Sends spans without the texts of errors: a library's may quote a row, a header or an address."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch."""
        return super().export([_without_texts(span) for span in spans])


def _without_texts(span: ReadableSpan) -> ReadableSpan:
    """The same span; of an error, only its type is left."""
    kind = (span.status.description or "").partition(":")[0]
    return ReadableSpan(
        name=span.name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes={**(span.attributes or {}), **({"error.type": kind} if kind else {})},
        links=span.links,
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=trace.Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
    )
