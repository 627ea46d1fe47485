"""The live table of demo and dev: how every account stands, what just happened, what to try."""

import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import click
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table as Drawn
from rich.text import Text

from ops.output import Table, columns_of, span
from sellermind.models.accounts import Account
from sellermind.models.sync import Freshness

PLAIN_EVERY = 5.0
EVENTS = 6


@dataclass(frozen=True)
class Line:
    """One account on the board; None where there is no sandbox that could tell."""

    account: Account
    at_marketplace: int | None
    in_table: int
    newest: Freshness | None
    requests: str | None

    def cells(self) -> tuple[str, ...]:
        """Text for the table's columns."""
        newest = self.newest
        synced = newest.succeeded_at if newest else None
        return (
            self.account.name,
            "-" if self.at_marketplace is None else str(self.at_marketplace),
            str(self.in_table),
            "-" if synced is None else f"{span(datetime.now(UTC) - synced)} ago",
            self.requests or "-",
            _problem(self.account, newest),
        )


COLUMNS = (
    "seller",
    "orders at the marketplace",
    "orders in the table",
    "newest sync",
    "requests of the budget",
    "last error",
)


def _problem(account: Account, newest: Freshness | None) -> str:
    error = (newest.last_error or "") if newest else ""
    return error if account.is_active else f"paused: {error}".rstrip(": ")


@dataclass
class Board:
    """Shows lines and sentences: redrawn in place on a terminal, appended every few seconds elsewhere."""

    hints: Sequence[str] = ()
    _events: deque[str] = field(default_factory=lambda: deque(maxlen=EVENTS))
    _live: Live | None = None
    _printed_at: float = 0.0

    def __enter__(self) -> Self:
        """Begin; before that, sentences are printed as they come."""
        if sys.stdout.isatty():
            self._live = Live(console=Console(), auto_refresh=False, vertical_overflow="visible")
            self._live.start()
        else:
            click.echo("\n".join(self.hints))
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

    def show(self, lines: Sequence[Line]) -> None:
        """Bring the table up to date."""
        if self._live is not None:
            self._live.update(self._drawn(lines), refresh=True)
        elif time.monotonic() - self._printed_at >= PLAIN_EVERY:
            self._printed_at = time.monotonic()
            click.echo("\n".join(columns_of(Table(COLUMNS, [line.cells() for line in lines]))))

    def _drawn(self, lines: Sequence[Line]) -> Group:
        table = Drawn(*COLUMNS, header_style="bold")
        for line in lines:
            table.add_row(*(Text(cell) for cell in line.cells()))
        return Group(table, *(Text(event, style="dim") for event in self._events), *(Text(hint) for hint in self.hints))
