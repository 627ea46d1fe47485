"""The live table of demo and dev: how every account stands, what just happened, what to try."""

import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import click
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table as Drawn
from rich.text import Text
from sqlalchemy import Engine

from ops.output import Table, columns_of, span
from sellermind.models.accounts import Account
from sellermind.models.sync import Freshness
from sellermind.storage import accounts, cursors, order_views
from sellermind.storage.engine import reading

PLAIN_EVERY = 5.0
EVENTS = 6
COLUMNS = ("seller", "at the marketplace", "in the table", "newest sync", "requests a minute", "last error")


@dataclass(frozen=True)
class Line:
    """One account on the board; None where only a sandbox could tell."""

    account: Account
    in_table: int
    synced_at: datetime | None = None
    error: str | None = None
    at_marketplace: int | None = None
    requests: str | None = None

    def cells(self) -> tuple[str, ...]:
        """Text for the table's columns."""
        return (
            self.account.name,
            "-" if self.at_marketplace is None else str(self.at_marketplace),
            str(self.in_table),
            "-" if self.synced_at is None else f"{span(datetime.now(UTC) - self.synced_at)} ago",
            self.requests or "-",
            (self.error or "") if self.account.is_active else f"paused: {self.error or 'by an operator'}",
        )


def read_lines(engine: Engine, late_seconds: float) -> list[Line]:
    """Every account as the database knows it.

    Args:
        engine: the database.
        late_seconds: a sync older than this, without an error of its own, is said to be late.
    """
    with reading(engine) as connection:
        found = accounts.list_accounts(connection)
        stored = order_views.counts(connection)
        jobs = cursors.freshness(connection)
    return [
        _line(account, stored[account.id], [job for job in jobs if job.account_id == account.id], late_seconds)
        for account in found
    ]


def _line(account: Account, in_table: int, jobs: Sequence[Freshness], late_seconds: float) -> Line:
    synced_at = max((job.succeeded_at for job in jobs if job.succeeded_at), default=None)
    error = next((_trouble(job) for job in jobs if job.last_error), None)
    late = synced_at is not None and datetime.now(UTC) - synced_at > timedelta(seconds=late_seconds)
    return Line(account, in_table, synced_at, error or ("late: Temporal is retrying, see the Web UI" if late else None))


def _trouble(job: Freshness) -> str:
    """What went wrong, and when the job may go on where the marketplace told it to wait."""
    left = job.not_before - datetime.now(UTC) if job.not_before else timedelta(0)
    return f"{job.last_error}; again in {span(left)}" if left > timedelta(0) else str(job.last_error)


@dataclass
class Board:
    """Shows lines and sentences: redrawn in place on a terminal, appended every few seconds elsewhere."""

    _events: deque[str] = field(default_factory=lambda: deque(maxlen=EVENTS))
    _live: Live | None = None
    _hinted: bool = False
    _printed_at: float = 0.0

    def __enter__(self) -> Self:
        """Begin to redraw; before and after, sentences are printed as they come."""
        if sys.stdout.isatty():
            self._events.clear()  # they stand above already
            self._live = Live(console=Console(), auto_refresh=False)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last table on the screen."""
        del kind, error, trace
        if self._live:
            self._live.stop()
            self._live = None

    def say(self, sentence: str) -> None:
        """Tell one thing that happened."""
        stamped = f"{datetime.now().astimezone():%H:%M:%S} {sentence}"
        self._events.append(stamped)
        if self._live is None:
            click.echo(stamped)

    def announce(self, sentence: str, *commands: str) -> None:
        """Tell what a person must see and may want to copy: it stays above the table, each command on one line."""
        if self._live is not None:
            self._above(self._live.console, ["", sentence, *commands, ""])
        self.say(sentence)
        if self._live is None:
            click.echo("\n".join(commands))

    def show(self, lines: Sequence[Line], hints: Sequence[str]) -> None:
        """Bring the table up to date.

        Args:
            lines: one per account.
            hints: what to look at and to try; elsewhere than on a terminal they are printed once.
        """
        if self._live is not None:
            self._live.update(self._fitting(self._live.console, lines, hints), refresh=True)
        elif time.monotonic() - self._printed_at >= PLAIN_EVERY:
            first = self._printed_at == 0.0
            self._printed_at = time.monotonic()
            click.echo("\n".join([*(hints if first else ()), *_plain(lines)]))

    def _fitting(self, console: Console, lines: Sequence[Line], hints: Sequence[str]) -> Group:
        """Everything; on a low terminal the hints once, above, so that the table stays in sight."""
        drawn = self._drawn(lines, hints)
        if len(console.render_lines(drawn, pad=False)) <= console.height:
            return drawn
        if not self._hinted:
            self._hinted = True
            self._above(console, hints)
        return self._drawn(lines, ())

    def _above(self, console: Console, lines: Sequence[str]) -> None:
        """Print above the table; the terminal wraps what is too long, so that a copy of it is one line again."""
        console.print(*lines, sep="\n", markup=False, highlight=False, soft_wrap=True)

    def _drawn(self, lines: Sequence[Line], hints: Sequence[str]) -> Group:
        table = Drawn(*COLUMNS, header_style="bold")
        for line in lines:
            table.add_row(*(Text(cell) for cell in line.cells()))
        events = [Text(event, style="dim") for event in self._events]
        return Group(*([table] if lines else []), *(Text(hint) for hint in hints), *events)


def _plain(lines: Sequence[Line]) -> list[str]:
    return columns_of(Table(COLUMNS, [line.cells() for line in lines])) if lines else []
