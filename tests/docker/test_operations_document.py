"""docs/operations.md: its commands run, its files exist, its alerts are the rules'."""

import re
import shlex

from sellermind.models.accounts import Marketplace
from tests.fixtures.desk import Desk
from tests.fixtures.docker_files import DOCKER, ROOT, documents
from workflows.catalog import JOBS

TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]
MAY_WARN = {"doctor"}  # it says what the test's desk lacks


async def test_every_command_of_the_document_runs_in_its_order(working: Desk) -> None:
    bad = {}
    for command in COMMANDS:
        program, *words = shlex.split(command)
        assert program == "sellermind"
        ran = await working.type(*words)
        if ran.code != 0 and not (words[0] in MAY_WARN and ran.code == 1):
            bad[command] = ran
    assert bad == {}
    assert len(COMMANDS) > 10


def test_every_block_that_no_test_runs_says_what_it_needs() -> None:
    elsewhere = [block for kind, block in BLOCKS if kind == "console"]
    assert [block for block in elsewhere if not re.match(r"# (on a host|needs)[ ,]", block)] == []
    assert {kind for kind, _ in BLOCKS} == {"sh", "console"}


def test_every_file_that_the_document_names_exists() -> None:
    named = set(re.findall(r"docker/[\w./@-]*\w", TEXT)) | {
        f"docs/{name}" for name in re.findall(r"\]\((\w+\.md)\)", TEXT)
    }
    assert [name for name in named if not (ROOT / name).exists() and name != "docker/secrets"] == []


def test_the_document_lists_every_alert() -> None:
    (rules,) = documents(DOCKER / "prometheus" / "rules.yaml")
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"] if "alert" in rule}
    table = re.findall(r"^\| ([A-Z]\w+(?:, [A-Z]\w+)*) \|", TEXT, re.MULTILINE)
    assert {name for row in table for name in row.split(", ")} == alerts


def test_the_sizing_counts_with_the_catalogs_cadences() -> None:
    for marketplace, name in ((Marketplace.WILDBERRIES, "Wildberries"), (Marketplace.UZUM, "Uzum")):
        ticks = sum(3600 / job.every.total_seconds() for job in JOBS if job.marketplace is marketplace)
        (row,) = re.findall(rf"^\| at {name} \| (?:.* = )?(\d+) \|", TEXT, re.MULTILINE)
        assert int(row) == ticks


def test_the_chapters_are_the_seeds_in_its_order() -> None:
    order = ["Supervisor", "systemd", "How many workers", "Priorities", "Watching", "Troubleshooting", "Best practices"]
    chapters = [title for _, title in re.findall(r"^## (\d+)\. (.+)$", TEXT, re.MULTILINE)]
    assert [title for title in chapters if title in order] == order
