"""One picture of the syncs: docs/performance.svg."""

from collections.abc import Mapping
from typing import Any

from sellermind.settings import CHECKOUT

FILE = CHECKOUT / "docs" / "performance.svg"
NAMES = {"floor": "no queue at all", "product": "this service", "plain": "plain Temporal"}
COLOURS = {"floor": "#9aa5b1", "product": "#2563eb", "plain": "#d97706"}
ROW, WIDEST, LEFT = 24, 420, 130


def draw(syncs: Mapping[str, Mapping[str, Any]]) -> None:
    """Draw the seconds of each contender; nothing without a sync among the scenarios.

    Args:
        syncs: figures by scenario.
    """
    if not syncs:
        return
    longest = max(figures[f"{name}_s"] for figures in syncs.values() for name in NAMES)
    shapes, y = [], 0
    for scenario, figures in syncs.items():
        y += ROW
        shapes.append(f'<text x="0" y="{y}" font-weight="bold">{scenario.replace("sync-", "")} ms a request</text>')
        for name, title in NAMES.items():
            y += ROW
            seconds = figures[f"{name}_s"]
            width = round(WIDEST * seconds / longest)
            shapes += [
                f'<text x="10" y="{y}">{title}</text>',
                f'<rect x="{LEFT}" y="{y - 13}" width="{width}" height="16" fill="{COLOURS[name]}"/>',
                f'<text x="{LEFT + width + 6}" y="{y}">{seconds} s</text>',
            ]
    size = f'width="{LEFT + WIDEST + 70}" height="{y + ROW}"'
    style = 'font-family="sans-serif" font-size="13"'
    FILE.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n' + "\n".join(shapes) + "\n</svg>\n")
