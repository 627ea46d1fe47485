"""docs/json.md and docs/runbook.md: what they show is what is printed."""

import asyncio
import re
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import anyio
import click

from ops.cli import root
from schedules.apply import apply
from sellermind.models.sync import JobPause
from sellermind.settings import CHECKOUT, Settings
from sellermind.storage import cursors, issues, pauses
from sellermind.storage.engine import transaction
from tests.fixtures.command_line import Ran, in_process
from tests.fixtures.desk import Desk
from tests.fixtures.failing_jobs import broken
from tests.fixtures.json_page import SHAPES, begins, chapters, different
from tests.fixtures.patience import PATIENCE

RUNBOOK = re.findall(r"^sellermind (.*?)(?:  +#.*)?$", (CHECKOUT / "docs" / "runbook.md").read_text(), re.MULTILINE)
GOES_ON = {"serve"}
JOB = "SyncNewWildberriesOrders"
ELSEWHERE = ("agent", "generate", "deploy", "db adopt")
"""Verbs whose shapes need more than a desk: test_documented_ai.py, test_deploy.py, test_db_adopt.py."""
KEY = "4nPjAQiYOyNEKk4e0lMFYh1qDv1hbYUCFv7UEnhcjD0="


async def furnish(desk: Desk) -> None:
    """A failed run, one that waits for a worker, one whose step waits for its next attempt, schedules."""
    await apply(desk.client, Settings(_env_file=None))
    account = desk.add_account()
    await desk.fail(f"sync-new-wildberries-orders/{account}", account)
    await desk.start("sync-uzum-orders/2", queue="low")
    broken.add("sync-uzum-orders/3")
    waiting = await desk.start("sync-uzum-orders/3", patient=True)

    async with asyncio.timeout(PATIENCE):
        while not any(step.attempt > 1 for step in (await waiting.describe()).raw_description.pending_activities):
            await asyncio.sleep(0.1)


def trouble(desk: Desk) -> None:
    """An account's job that has run and is paused, and an open issue."""
    now = datetime.now(UTC)
    with transaction(desk.engine) as connection:
        cursors.open_run(connection, 1, JOB, "a run", now)
        pauses.pause(connection, [JobPause(account_id=1, job=JOB, paused_by="anna", reason="renewed", ends_at=None)])
        issues.open_or_count(connection, 1, "token_invalid", "Unauthorized")


async def test_every_documented_shape_of_the_desk_is_the_true_one(working: Desk, tmp_path: Path) -> None:
    await furnish(working)
    with closing(sqlite3.connect(tmp_path / "temporal.db")) as temporal:
        temporal.execute("CREATE TABLE histories (id INTEGER)")

    async def run(words: list[str]) -> Ran:
        words = [word.replace("/srv", str(tmp_path)) for word in words]
        if words[0] != "account":
            return await working.type(*words)
        trouble(working)
        environment = working.environment | {"SELLERMIND_SECRET_KEYS": KEY}
        typed = partial(in_process, *words, environment=environment, given="a-token-of-uzum")
        return await anyio.to_thread.run_sync(typed)

    desk = [command for command in SHAPES if not begins(command, *ELSEWHERE)]
    assert await different(desk, run) == {}
    assert len(desk) > 30


def test_every_verb_with_json_has_its_chapter() -> None:
    verbs = list(_with_json(root, click.Context(root)))
    assert [verb for verb in verbs if not chapters(verb)] == []
    assert len(verbs) > 50


def _with_json(command: click.Command, context: click.Context, *path: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner
            yield from _with_json(inner, context, *path, name)
    elif any("--json" in option.opts for option in command.params):
        yield " ".join(path)


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
