"""A span for each statement inside a trace: what was asked of which table, never with which values."""

import re
from typing import Any

from opentelemetry import trace
from sqlalchemy import Connection, Engine, ExceptionContext, event

LONGEST_TEXT = 1000
"""Characters of a statement that its span holds: an insert of a page repeats its placeholders for each row."""

_STATEMENT = re.compile(r"(SELECT|INSERT|UPDATE|DELETE)\b(?:.*?\b(?:FROM|INTO)\b|(?<=UPDATE))\s+[`\"]?(\w+)", re.DOTALL)
_SPAN = "sellermind_span"

_tracer = trace.get_tracer("sellermind.storage")


def watch(engine: Engine) -> None:
    """Make a span of every statement that the engine executes inside a trace."""
    event.listen(engine, "before_cursor_execute", _begin)
    event.listen(engine, "after_cursor_execute", _end)
    event.listen(engine, "handle_error", _fail)


def _begin(connection: Connection, _cursor: Any, statement: str, *_others: Any) -> None:
    found = _STATEMENT.match(statement)
    if not found or not trace.get_current_span().is_recording():
        return
    operation, table = found.groups()
    attributes = {
        "db.system.name": connection.dialect.name,
        "db.operation.name": operation,
        "db.collection.name": table,
        "db.query.text": statement[:LONGEST_TEXT],
    }
    span = _tracer.start_span(f"{operation} {table}", kind=trace.SpanKind.CLIENT, attributes=attributes)
    connection.info[_SPAN] = span


def _end(connection: Connection, *_others: Any) -> None:
    span = connection.info.pop(_SPAN, None)
    if span:
        span.end()


def _fail(failure: ExceptionContext) -> None:
    span = failure.connection.info.pop(_SPAN, None) if failure.connection else None
    if span:
        span.set_status(trace.StatusCode.ERROR, type(failure.original_exception).__name__)
        span.end()
