"""docs/behaviours.md names only tests that exist, and leaves nothing out."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "behaviours.md").read_text(encoding="utf-8")
DEFECTS = {*range(1, 8), 12, *range(14, 19), 20, *range(22, 26), 30, *range(35, 39)}


def rows(heading: str) -> dict[int, str]:
    part = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return {int(number): line for number, line in re.findall(r"^\| (\d+) (\|.*)$", part, re.MULTILINE)}


def test_every_test_that_the_page_names_exists() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    there = set(re.findall(r"def (test_\w+)\(", sources))
    assert set(re.findall(r"`(test_\w+)`", PAGE)) - there == set()


def test_all_behaviours_and_all_defects_of_the_data_have_their_row_and_test() -> None:
    assert set(rows("Behaviours")) == set(range(1, 48))
    assert set(rows("Defects of the original")) == DEFECTS
    without = [
        n for found in (rows("Behaviours"), rows("Defects of the original")) for n in found if "`test_" not in found[n]
    ]
    assert without == []
