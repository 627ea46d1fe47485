"""A queue by what people type."""

from collections.abc import Sequence

import click

from ops.outcome import ExitCode, VerbFailed
from sellermind.queues import TaskQueue


def begun(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    """The shell's completion of a queue's name."""
    return [queue.value for queue in TaskQueue if queue.startswith(typed)]


def queues_named(typed: Sequence[str]) -> list[TaskQueue]:
    """The queues of a command line, each once: `high low`, or as Laravel has it `high,low`.

    Raises:
        VerbFailed: there is none of a name (USAGE); the message lists them.
    """
    return list(dict.fromkeys(queue_named(name) for word in typed for name in word.split(",")))


def queue_named(name: str) -> TaskQueue:
    """`high`, also as Laravel has it with the connection: `redis:high`.

    Raises:
        VerbFailed: there is none (USAGE); the message lists them.
    """
    try:
        return TaskQueue(name.strip().rpartition(":")[2])
    except ValueError:
        known = ", ".join(TaskQueue)
        raise VerbFailed(ExitCode.USAGE, f"There is no queue {name.strip()}; the queues: {known}.") from None
