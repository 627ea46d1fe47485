"""docs/parity.md: each command that it names runs, each file that it names is there."""

import re
import shlex

import pytest

from schedules.apply import apply
from sellermind.queues import TaskQueue
from sellermind.settings import CHECKOUT, Settings
from tests.fixtures.desk import Desk
from workers.options import parse

TABLE = [line for line in (CHECKOUT / "docs" / "parity.md").read_text().splitlines() if line.startswith("| ")]
NAMED = sorted({name for line in TABLE for name in re.findall(r"`([^`]+)`", line.split(" | ")[-1])})
COMMANDS = [name for name in NAMED if name.startswith("sellermind ")]
WORKERS = [name for name in NAMED if name.startswith("python -m workers.")]
FILES = [name for name in NAMED if "/" in name.split(" ")[0] or name.startswith(".")]
LONG = {"dev"}
"""Verbs that go on until they are stopped; here only their help is asked for."""
ANSWERS = {0, 1, 3, 5}
"""All but a usage error, an unreachable server and a crash."""


async def test_every_command_runs(desk: Desk) -> None:
    await apply(desk.client, Settings(_env_file=None))
    desk.add_account()
    endings = {}
    for command in COMMANDS:
        words = shlex.split(command)[1:]
        ran = await desk.type(*words, *(["--help"] if words[0] in LONG else []))
        endings[command] = (ran.code in ANSWERS, "This is a bug" in ran.err, ran.err)
    assert {command: end for command, end in endings.items() if end[:2] != (True, False)} == {}
    assert len(COMMANDS) > 25


@pytest.mark.parametrize("command", WORKERS)
def test_every_worker_s_flags_are_taken(command: str) -> None:
    module, *flags = shlex.split(command)[2:]
    parse(TaskQueue(module.removeprefix("workers.")), flags)


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_there(name: str) -> None:
    assert (CHECKOUT / name).exists()


def test_every_row_has_an_equivalent_or_says_why_not() -> None:
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in TABLE]
    assert [row for row in rows if not any(row[1:])] == []
