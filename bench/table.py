"""The figures as a table: on the terminal, and in docs/performance.md between its two marks."""

from collections.abc import Mapping
from typing import Any

from bench.scenarios import SCENARIOS, Bar
from sellermind.settings import CHECKOUT

DOCUMENT = CHECKOUT / "docs" / "performance.md"
BEGIN, END = "<!-- make bench ARGS=--record writes from here -->", "<!-- to here -->"
HEAD = ("scenario, load before", "figure", "this service", "plain Temporal", "no queue", "bar", "")
NAMES = ("product", "plain", "floor")
EMPTY = "–"
WHOLE = 100
"""From here on nobody looks at fractions."""

Found = Mapping[str, Mapping[str, Any]]


def lines(found: Found) -> list[str]:
    """The table in Markdown, which a terminal shows as well.

    Args:
        found: of bench.rounds.run, by scenario.
    """
    rows = [HEAD, *(row for name in SCENARIOS if name in found for row in _rows(name, found[name]))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    text = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return [text[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *text[1:]]


def write(found: Found) -> None:
    """Put the table into the document."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text("\n".join([before + BEGIN, "", *lines(found), "", END + after]), encoding="utf-8")


def _rows(name: str, scenario: Mapping[str, Any]) -> list[tuple[str, ...]]:
    bars, figures = {bar.figure: bar for bar in SCENARIOS[name].bars}, scenario["figures"]
    titles = [f"{name}, load {scenario['machine_load']:.0f}"] + [""] * len(figures)
    return [
        (
            title,
            figure.replace("_", " "),
            *(_number(values.get(each)) for each in NAMES),
            *_verdict(bars, figure, values),
        )
        for title, (figure, values) in zip(titles, figures.items(), strict=False)
    ]


def _number(value: float | None) -> str:
    if value is None:
        return EMPTY
    return f"{value:,.0f}" if abs(value) >= WHOLE else f"{value:.3g}"


def _verdict(bars: Mapping[str, Bar], figure: str, values: Mapping[str, float]) -> tuple[str, str]:
    if figure not in bars:
        return EMPTY, ""
    return str(bars[figure]), "met" if bars[figure].met(values["product"]) else "**missed**"
