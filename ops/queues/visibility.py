"""Visibility queries: what people type is compared, never pasted."""

from collections.abc import Iterable
from datetime import UTC, datetime

from ops.outcome import ExitCode, VerbFailed
from sellermind.queues import TaskQueue

# Temporal's queries know no escape for these inside a text (seen: server 1.32 finds nothing), and no name of ours
# has them.
UNQUOTABLE = frozenset("\"'`\\")

FAILED = 'ExecutionStatus IN ("Failed", "TimedOut")'
RUNNING = 'ExecutionStatus = "Running" AND WorkflowType != "ResumeQueue"'
"""Open runs; the planned end of a queue's pause is no job."""


def quoted(text: str) -> str:
    """The text as a value in a query.

    Raises:
        VerbFailed: it cannot be one (USAGE).
    """
    if UNQUOTABLE & set(text) or not text.isprintable():
        raise VerbFailed(ExitCode.USAGE, f"{text!r} names nothing here: no name of ours has quotes in it.")
    return f'"{text}"'


def equals(field: str, value: str | int) -> str:
    """`Field = value`."""
    return f"{field} = {value if isinstance(value, int) else quoted(value)}"


def either(field: str, values: Iterable[str]) -> str:
    """`Field IN (values)`."""
    return f"{field} IN ({', '.join(quoted(value) for value in values)})"


def before(field: str, moment: datetime) -> str:
    """The field's time lies before the moment."""
    return f'{field} < "{moment.astimezone(UTC).isoformat()}"'


def after(field: str, moment: datetime) -> str:
    """The field's time lies after the moment."""
    return f'{field} > "{moment.astimezone(UTC).isoformat()}"'


def all_of(*conditions: str) -> str:
    """All of them hold."""
    return " AND ".join(conditions)


OURS = either("TaskQueue", TaskQueue)
"""Runs of this service, among others of the namespace: also of jobs that the catalog no longer has."""
