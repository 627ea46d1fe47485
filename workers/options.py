"""The command line of a worker process: the flags of Laravel's `queue:work` that mean something here."""

from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sellermind.queues import TaskQueue

QUEUES = {
    TaskQueue.HIGH: (TaskQueue.HIGH, TaskQueue.DEFAULT),
    TaskQueue.DEFAULT: (TaskQueue.DEFAULT,),
    TaskQueue.LOW: (TaskQueue.LOW,),
}
"""The queues that each kind of worker polls, its own first."""

IGNORED = ("--sleep", "--rest", "--tries", "--timeout", "--backoff")
"""Flags of queue:work that the workflows decide here: Temporal pushes tasks, and policies retry them."""

EPILOG = f"""\
Several queues are polled side by side, not one after the other: the first has most of the slots.
{", ".join(IGNORED)} are accepted and ignored.

exit codes:
  0   asked to stop, or nothing left to do
  1   an error, or ended by a second signal
  2   this command line is wrong
  12  --memory exceeded
"""


@dataclass(frozen=True)
class Options:
    """What a worker process was told."""

    once: bool = False
    stop_when_empty: bool = False
    max_jobs: int | None = None
    max_time: timedelta | None = None
    memory_mb: int | None = None
    concurrency: int | None = None
    ready_file: Path | None = None
    ignored: tuple[str, ...] = ()


def parse(kind: TaskQueue, arguments: Sequence[str]) -> Options:
    """Read the command line; a wrong one ends the process with code 2 and one line."""
    given = vars(_parser(kind).parse_args(arguments))
    ignored = tuple(flag for flag in IGNORED if given.pop(_destination(flag)) is not None)
    return Options(**given, ignored=ignored)


def _parser(kind: TaskQueue) -> ArgumentParser:
    parser = ArgumentParser(
        prog=f"python -m workers.{kind}",
        usage="%(prog)s [options]",
        description=f"Work off the queues {' and '.join(QUEUES[kind])}.",
        epilog=EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--once", action="store_true", help="take one job (one activity, and the workflow task after it), then stop;"
        " the queues are looked at in their order, for 3 s each")  # fmt: skip
    add("--stop-when-empty", action="store_true", help="stop when the queues are empty and nothing is running")
    add("--max-jobs", type=_positive, metavar="N", help="stop after N jobs (activities)")
    add("--max-time", type=_seconds, metavar="S", help="stop after S seconds")
    add("--memory", type=_positive, metavar="MB", dest="memory_mb", help="stop when the process has grown beyond MB")
    add("--concurrency", type=_positive, metavar="N", help="jobs at a time on the first queue, instead of the setting")
    add("--ready-file", type=Path, metavar="PATH", help="written when the queues are polled, removed at the stop")
    for flag in IGNORED:
        add(flag, dest=_destination(flag), help=SUPPRESS)
    return parser


def _destination(flag: str) -> str:
    return flag.lstrip("-")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _seconds(text: str) -> timedelta:
    return timedelta(seconds=_positive(text))
