"""docs/faults.md names only tests that exist, and all 44 faults."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")


def test_every_test_that_the_page_names_exists() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    there = set(re.findall(r"def (test_\w+)\(", sources))
    assert set(re.findall(r"`(test_\w+)`", PAGE)) - there == set()


def test_every_fault_has_its_row_and_a_test() -> None:
    rows = dict(re.findall(r"^\| (\d+) (\|.*)$", PAGE, re.MULTILINE))
    assert set(map(int, rows)) == set(range(1, 45))
    assert [number for number, row in rows.items() if "`test_" not in row] == []
