"""One picture of the syncs: docs/performance.svg."""

from collections.abc import Mapping
from typing import Any

from sellermind.settings import CHECKOUT

FILE = CHECKOUT / "docs" / "performance.svg"
TITLES = {
    "sync-20": "50 accounts, 4 pages of 100 orders, 20 ms a request",
    "sync-200": "the same, 200 ms a request",
    "sync-pages": "20 accounts, 20 pages of 100 orders, 20 ms a request",
}
NAMES = {"floor": "no queue at all", "product": "this service", "plain": "plain Temporal"}
COLOURS = {"floor": "#9aa5b1", "product": "#2563eb", "plain": "#d97706"}
ROW, WIDEST, LEFT = 24, 420, 130


def draw(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Draw the seconds of each contender; nothing without a sync among the scenarios.

    Args:
        found: of bench.rounds.run, by scenario.
    """
    syncs = {name: found[name] for name in TITLES if name in found}
    if not syncs:
        return
    longest = max(max(scenario["figures"]["seconds"].values()) for scenario in syncs.values())
    shapes, y = [], 0
    for name, scenario in syncs.items():
        y += ROW
        shapes.append(f'<text x="0" y="{y}" font-weight="bold">{TITLES[name]}</text>')
        for contender, title in NAMES.items():
            y += ROW
            seconds = scenario["figures"]["seconds"][contender]
            width = round(WIDEST * seconds / longest)
            shapes += [
                f'<text x="10" y="{y}">{title}</text>',
                f'<rect x="{LEFT}" y="{y - 13}" width="{width}" height="16" fill="{COLOURS[contender]}"/>',
                f'<text x="{LEFT + width + 6}" y="{y}">{seconds} s</text>',
            ]
    size = f'width="{LEFT + WIDEST + 70}" height="{y + ROW}"'
    style = 'font-family="sans-serif" font-size="13"'
    FILE.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n' + "\n".join(shapes) + "\n</svg>\n")
