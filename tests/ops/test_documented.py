"""docs/json.md and docs/runbook.md: what they show is what is printed."""

import json
import re
import shlex
from typing import Any

from schedules.apply import apply
from sellermind.settings import CHECKOUT, Settings
from tests.fixtures.desk import Desk

DOCS = CHECKOUT / "docs"
SHAPES = dict(
    re.findall(r"## `sellermind ([^`]*)`\n(?:[^`]*\n)?```json\n(.*?)```", (DOCS / "json.md").read_text(), re.DOTALL)
)
RUNBOOK = re.findall(r"^sellermind (.*?)(?:  +#.*)?$", (DOCS / "runbook.md").read_text(), re.MULTILINE)
GOES_ON = {"serve"}


def alike(documented: Any, printed: Any) -> bool:
    """Whether two answers have the same keys, all the way down; of lists the first elements."""
    if isinstance(documented, dict):
        same = isinstance(printed, dict) and documented.keys() == printed.keys()
        return same and all(alike(value, printed[key]) for key, value in documented.items() if printed[key] is not None)
    if isinstance(documented, list):
        return isinstance(printed, list) and all(
            alike(*pair) for pair in list(zip(documented, printed, strict=False))[:1]
        )
    return not isinstance(printed, dict | list)


async def furnish(desk: Desk) -> None:
    """A failed run, one that waits for a worker, schedules."""
    await apply(desk.client, Settings(_env_file=None))
    account = desk.add_account()
    await desk.fail(f"sync-new-wildberries-orders/{account}", account)
    await desk.start("sync-uzum-orders/2", queue="low")


async def test_every_documented_shape_is_the_true_one(working: Desk) -> None:
    await furnish(working)
    different = {}
    for command, documented in SHAPES.items():
        ran = await working.type(*shlex.split(command))
        assert ran.out, (command, ran.err)
        if not alike(json.loads(documented), ran.json):
            different[command] = ran.json
    assert different == {}
    assert len(SHAPES) >= 12


async def test_every_command_of_the_runbook_runs(working: Desk) -> None:
    await furnish(working)
    bad = {}
    for command in RUNBOOK:
        words = shlex.split(command)
        ran = await working.type(*words, *(["--help"] if words[0] in GOES_ON else []))
        if ran.code not in {0, 1, 3, 5} or "This is a bug" in ran.err:
            bad[command] = ran
    assert bad == {}
    assert len(RUNBOOK) > 20
