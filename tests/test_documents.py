"""What the documents say is so."""

import json
import re
from pathlib import Path

from bench import table
from workflows.catalog import ON_DEMAND, SCHEDULED

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_readme_fits_its_bar() -> None:
    assert len(README.splitlines()) <= 150
    assert len(CONTRIBUTING.splitlines()) <= 100


def test_the_job_table_of_the_readme_is_the_catalog() -> None:
    rows = re.findall(r"^\| (\w+) \| (\w+) \| ([^|]+) \|", README, flags=re.MULTILINE)
    written = {name: (queue, every.strip()) for name, queue, every in rows if name[0].isupper()}
    minutes = {job.name: f"{int(job.every.total_seconds() // 60)} min" for job in SCHEDULED}
    wanted = {job.name: (job.task_queue.value, minutes[job.name]) for job in SCHEDULED}
    wanted |= {job.name: (job.task_queue.value, "on demand") for job in ON_DEMAND}
    assert written == wanted


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = re.findall(r"(?:^|`)make (\w+)", README + CONTRIBUTING, flags=re.MULTILINE)
    assert set(named) <= targets


def test_every_file_that_a_document_links_to_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README + CONTRIBUTING)
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_.]*)`", README + CONTRIBUTING)
    assert [name for name in (*links, *named) if not (ROOT / name).exists() and not name.startswith("var/")] == []


def test_every_page_of_docs_links_to_what_exists_and_a_decision_begins_with_its_number() -> None:
    pages = {page: page.read_text(encoding="utf-8") for page in (ROOT / "docs").rglob("*.md")}
    links = [page.parent / link for page, text in pages.items() for link in re.findall(r"\]\(([^)#:]+)\)", text)]
    assert [link for link in links if not link.exists()] == []
    decisions = {page.name[:4]: text for page, text in pages.items() if page.parent.name == "decisions"}
    assert [number for number, text in decisions.items() if not text.startswith(f"# {number}: ")] == []


def test_the_figures_of_the_performance_page_are_those_that_were_recorded() -> None:
    found = json.loads((ROOT / "docs" / "performance.json").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert "\n".join(table.lines(found)) in page
