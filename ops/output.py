"""What verbs print: JSON alone on stdout, a table on a terminal, plain columns when piped."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import click
from pydantic import BaseModel

Verb = TypeVar("Verb", bound=Callable[..., Any])

GAP = "  "


@dataclass(frozen=True)
class Table:
    """Rows for a person; cells are text already."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    empty: str = "Nothing to show."
    """Said instead of a table without rows; name what to do next."""


def json_option(verb: Verb) -> Verb:
    """Add `--json` to a verb; it arrives as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on stdout.")(verb)


def examples(*lines: str) -> str:
    """The epilog of a verb's help: its examples, line by line as given."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def show(answer: object, said: Table | str, *, as_json: bool) -> None:
    """Print a verb's answer.

    Args:
        answer: models, dataclasses, lists, dicts and scalars for `--json`.
        said: the same for a person.
        as_json: which of the two.
    """
    if as_json:
        click.echo(json.dumps(answer, default=_plain, ensure_ascii=False, indent=2))
    elif isinstance(said, Table):
        print_table(said)
    else:
        click.echo(said)


def print_table(table: Table) -> None:
    """Print a table: drawn on a terminal, aligned columns without colours elsewhere."""
    if not table.rows:
        click.echo(table.empty)
    elif sys.stdout.isatty():
        _draw(table)
    else:
        click.echo("\n".join(columns_of(table)))


def columns_of(table: Table) -> list[str]:
    """The table as lines of aligned columns, header first."""
    lines = [table.columns, *table.rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(table.columns))]
    return [GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def numbered(count: int, thing: str) -> str:
    """`1 account`, `2 accounts`."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


def span(time: timedelta | None) -> str:
    """A length of time as a person says it: `8 s`, `5 min`, `3 h`, `12 d`; `-` for None."""
    if time is None:
        return "-"
    seconds = int(time.total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if abs(seconds) >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _draw(table: Table) -> None:
    # Rich takes a tenth of a second to import: only a terminal pays for it. It keeps to NO_COLOR by itself.
    from rich.console import Console  # noqa: PLC0415 (see above)
    from rich.table import Table as Drawn  # noqa: PLC0415 (see above)
    from rich.text import Text  # noqa: PLC0415 (see above)

    console = Console()
    if _narrowest(table) > console.width:
        click.echo("\n\n".join(_page(table.columns, row) for row in table.rows))
        return
    drawn = Drawn(*table.columns, header_style="bold")
    for row in table.rows:
        drawn.add_row(*(Text(cell) for cell in row))
    console.print(drawn)


def _narrowest(table: Table) -> int:
    """Columns of the terminal that the drawn table needs, if no word may be broken: half an id is none."""
    cells = zip(table.columns, *table.rows, strict=True)
    return 1 + sum(3 + max(len(word) for cell in column for word in [*cell.split(), ""]) for column in cells)


def _page(columns: Sequence[str], row: Sequence[str]) -> str:
    """A row for a narrow terminal: a line for each of its columns."""
    width = max(len(column) for column in columns)
    return "\n".join(f"{column.ljust(width)}{GAP}{cell}".rstrip() for column, cell in zip(columns, row, strict=True))


def _plain(value: object) -> object:
    """JSON form of what `json` does not know."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)
