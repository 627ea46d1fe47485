"""Visibility queries: what people type is compared, never pasted."""

from collections.abc import Iterable
from datetime import UTC, datetime

from ops.outcome import ExitCode, VerbFailed
from sellermind.queues import TaskQueue

# Temporal's queries know no escape for these inside a text (seen: server 1.32 finds nothing), and no name of ours
# has them.
QUOTES = frozenset("\"'`")
UNQUOTABLE = QUOTES | {"\\"}
BRACKETS = {"(": 1, ")": -1}

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


def bracketed(query: str) -> str:
    """A query of a person's own, in brackets that it cannot close.

    Raises:
        VerbFailed: it would close them, or leaves a bracket or a quote open (USAGE).
    """
    depth, quote = 0, ""
    for char in query:
        if quote:
            quote = "" if char == quote else quote
        elif char in QUOTES:
            quote = char
        else:
            depth += BRACKETS.get(char, 0)
        if depth < 0:
            break
    if depth or quote:
        raise VerbFailed(ExitCode.USAGE, f"The query {query!r} has a bracket or a quote without its other one.")
    return f"({query})"


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
