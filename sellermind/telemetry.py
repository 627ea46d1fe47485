"""Logs: one JSON object a line, colours on a terminal; with the run it is about, and without secrets.

Everything logs through the standard library (`logging`, `workflow.logger`, `activity.logger`) or structlog.
"""

import json
import logging
import math
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NoReturn

import structlog
from structlog.stdlib import BoundLogger, LoggerFactory, ProcessorFormatter, filter_by_level
from structlog.typing import EventDict, Processor, WrappedLogger
from temporalio import activity, workflow
from temporalio.runtime import LogForwardingConfig, LoggingConfig, TelemetryConfig, TelemetryFilter

from sellermind import tracing
from sellermind.errors import Misconfigured, Permanent, Transient
from sellermind.redaction import is_secret_name, shown

RUN_FIELDS = ("workflow_id", "run_id", "workflow_type", "activity_type", "task_queue", "attempt")
LEFT_OUT_ON_TERMINALS = ("logger", "run_id", "workflow_type", "task_queue", "trace_id", "span_id")

_NOT_A_FIELD = frozenset(vars(logging.makeLogRecord({}))) | {
    *("message", "taskName", "stack_info", "temporal_workflow", "temporal_activity", "temporal_log"),
    *("_record", "_from_structlog", "_logger", "_name"),
}


def configure(level: str, *, pretty: bool | None = None) -> None:
    """Send every log record of this process to stdout.

    Args:
        level: name of the lowest level to show, such as INFO.
        pretty: colours for people instead of JSON; None: if stdout is a terminal.

    Raises:
        Misconfigured: there is no such level.
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise Misconfigured(f"SELLERMIND_LOG_LEVEL is {level!r}; use DEBUG, INFO, WARNING or ERROR.")
    output = _Output(sys.stdout)
    output.setFormatter(formatter(pretty=sys.stdout.isatty() if pretty is None else pretty))
    logging.basicConfig(level=number, handlers=[output], force=True)
    logging.captureWarnings(capture=True)
    for chatty in ("httpx", "alembic", "temporalio.worker._worker"):  # lines that say nothing new
        logging.getLogger(chatty).setLevel(max(number, logging.WARNING))
    # The SDK repeats the run's ids at the end of each message; here they are fields.
    activity.logger.activity_info_on_message = False
    workflow.logger.workflow_info_on_message = False
    structlog.configure(
        processors=[filter_by_level, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=BoundLogger,
        logger_factory=LoggerFactory(),
    )


def formatter(*, pretty: bool) -> logging.Formatter:
    """Formatter for a logging handler: JSON lines, or coloured lines for a terminal."""
    first: list[Processor] = [_name_ours, structlog.processors.format_exc_info, _fields]
    if pretty:
        console = structlog.dev.ConsoleRenderer(timestamp_key="ts", sort_keys=False, pad_event_to=0)
        return ProcessorFormatter(processors=[*first, _for_terminal, console])
    return ProcessorFormatter(processors=[*first, _as_json])


def core_telemetry() -> TelemetryConfig:
    """Telemetry for a `Runtime`: the warnings of the SDK's core become log records here instead of bare text."""
    forwarding = LogForwardingConfig(
        logger=logging.getLogger("temporalio.core"),
        append_target_to_name=False,
        prepend_target_on_message=False,
        append_log_fields_to_message=False,
    )
    levels = TelemetryFilter(core_level="WARN", other_level="ERROR")
    return TelemetryConfig(logging=LoggingConfig(filter=levels, forwarding=forwarding))


def leave(code: int) -> NoReturn:
    """Flush and end the process at once.

    The interpreter's own exit is not used: the SDK's threads crash in it now and then (temporalio/sdk-python
    issue 300), after the work is done, and would turn exit code 0 into 134.
    """
    tracing.flush()
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


class _Output(logging.StreamHandler[Any]):
    """stdout. A full disk or a closed pipe does not stop the work: it is said once, on stderr."""

    _said = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        if not self._said:
            self._said = True
            with suppress(OSError):
                sys.stderr.write(f"A log line of {record.name} is lost, the work goes on: {sys.exc_info()[1]}\n")


def _name_ours(_logger: WrappedLogger, _level: str, event: EventDict) -> EventDict:
    """An error that we raise by name needs no traceback: an outage of minutes would fill the log with one text."""
    info = event.get("exc_info")
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, Transient | Permanent):
        del event["exc_info"]
        event["error"] = f"{type(error).__name__}: {error.message}"
    return event


def _fields(_logger: WrappedLogger, _level: str, event: EventDict) -> EventDict:
    """All that the line says, in reading order."""
    record: logging.LogRecord = event["_record"]
    fields: dict[str, Any] = {
        "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "event": str(event.pop("event")),
        "logger": record.name,
        **_run(record),
        **tracing.trace_ids(),
    }
    exception = event.pop("exception", None)
    own = {**event, **vars(record), **_of_core(record)}
    fields |= {key: value for key, value in own.items() if key not in fields and key not in _NOT_A_FIELD}
    line: EventDict = {shown(key): _value(key, value) for key, value in fields.items()}
    if exception:
        line["exception"] = shown(exception, keep_end=True)
    return line


def _run(record: logging.LogRecord) -> dict[str, Any]:
    """The workflow and activity that a record is about: from the SDK's extra, else the activity of this thread."""
    known = dict(getattr(record, "temporal_workflow", None) or getattr(record, "temporal_activity", None) or {})
    if not known and activity.in_activity():
        known = dict(vars(activity.info()))
    known.setdefault("run_id", known.get("workflow_run_id"))
    return {name: known[name] for name in RUN_FIELDS if known.get(name) is not None}


def _of_core(record: logging.LogRecord) -> dict[str, Any]:
    """What the SDK's core says beside its message."""
    log = getattr(record, "temporal_log", None)
    return {"target": log.target, **log.fields} if log else {}


def _value(key: str, value: object) -> object:
    """A JSON value: numbers as they are, everything else as safe text."""
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return "[redacted]" if is_secret_name(key) else shown(str(value))


def _for_terminal(_logger: WrappedLogger, _level: str, line: EventDict) -> EventDict:
    """Less for the eye, and no line breaks but a traceback's."""
    kept = {key: value for key, value in line.items() if key not in LEFT_OUT_ON_TERMINALS}
    return {
        key: value.replace("\n", "\\n") if isinstance(value, str) and key != "exception" else value
        for key, value in kept.items()
    }


def _as_json(_logger: WrappedLogger, _level: str, line: EventDict) -> str:
    return json.dumps(line, ensure_ascii=False, allow_nan=False)
