"""What is different when a person sits at a terminal: drawn tables, a prompt that shows nothing."""

import asyncio
import os
import pty
import select
import subprocess
import sys
import time
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sellermind.settings import CHECKOUT
from sellermind.storage import schema
from sellermind.storage.engine import build_engine
from tests.fixtures.command_line import clean_environment
from tests.fixtures.desk import Desk
from tests.fixtures.failing_jobs import broken
from tests.fixtures.patience import PATIENCE

KEY = "4nPjAQiYOyNEKk4e0lMFYh1qDv1hbYUCFv7UEnhcjD0="


@pytest.fixture
def settings(sqlite_url: str) -> dict[str, str]:
    """A database with our tables, a key, and a marketplace that takes any token."""
    engine = build_engine(sqlite_url)
    schema.upgrade(engine)
    engine.dispose()
    return {
        "SELLERMIND_DATABASE_URL": sqlite_url,
        "SELLERMIND_SECRET_KEYS": KEY,
        "SELLERMIND_WILDBERRIES_URL": "http://127.0.0.1:1",
        "SELLERMIND_ALLOWED_HOSTS": "127.0.0.1",
    }


class Screen:
    """The terminal's other side: what the process writes, and what a person types."""

    def __init__(self, side: int) -> None:
        self._side = side
        self._decoder = getincrementaldecoder("utf-8")()  # a piece may end within a character
        self.text = ""

    def read_until(self, phrase: str) -> None:
        """Read on until the phrase was written; the empty phrase: until the process has ended."""
        deadline = time.monotonic() + PATIENCE
        while not phrase or phrase not in self.text:
            assert time.monotonic() < deadline, self.text
            if select.select([self._side], [], [], 0.1)[0]:
                try:
                    self.text += self._decoder.decode(os.read(self._side, 65_536))
                except OSError:  # Linux tells the end of a terminal so
                    return

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._side, f"{text}\n".encode())


@contextmanager
def at_a_terminal(*arguments: str, **variables: str) -> Iterator[Screen]:
    """Run `sellermind …` on a terminal of its own to its end, which must be a good one."""
    ours, its = pty.openpty()
    environment = clean_environment(**{"TERM": "xterm", "COLUMNS": "120", **variables})
    with subprocess.Popen(
        [sys.executable, "-m", "ops", *arguments], cwd=CHECKOUT, env=environment, stdin=its, stdout=its, stderr=its
    ) as process:
        os.close(its)
        screen = Screen(ours)
        try:
            yield screen
            screen.read_until("")
            assert process.wait(PATIENCE) == 0, screen.text
        finally:
            process.kill()
            os.close(ours)


def test_a_table_is_drawn_with_colours_and_without_them_where_no_color_asks(settings: dict[str, str]) -> None:
    with at_a_terminal("jobs", **settings) as screen:
        pass
    assert "┃" in screen.text
    assert "\x1b[1m" in screen.text
    with at_a_terminal("jobs", NO_COLOR="1", **settings) as plain:
        pass
    assert "┃" in plain.text
    assert "\x1b[3" not in plain.text


def test_a_table_whose_words_do_not_fit_is_a_line_for_each_cell(settings: dict[str, str]) -> None:
    with at_a_terminal("jobs", COLUMNS="60", **settings) as screen:
        pass
    assert "┃" not in screen.text
    assert "job          SyncNewWildberriesOrders\r\nqueue        high\r\n" in screen.text


def test_a_typed_token_is_not_shown_and_removing_asks(settings: dict[str, str]) -> None:
    add = ("account", "add", "--marketplace", "wb", "--name", "Cabinet", "--company", "1")
    with at_a_terminal(*add, **settings) as screen:
        screen.read_until("Token:")
        screen.type("secret-token")
    assert "Added account 1 (Cabinet, wb)" in screen.text
    assert "secret-token" not in screen.text
    with at_a_terminal("account", "remove", "1", **settings) as asked:
        asked.read_until("Delete account 1 (Cabinet, wb) and 0 orders? [y/N]:")
        asked.type("y")
    assert "Deleted account 1" in asked.text


async def test_a_run_that_begins_while_the_question_is_read_is_left_alone(working: Desk) -> None:
    broken.add("waiting/1")
    await working.type("queue", "pause", "high")
    run = await working.start("waiting/1", patient=True)
    with at_a_terminal("queue", "clear", "high", **working.environment) as screen:
        await asyncio.to_thread(screen.read_until, "1 not started, 0 running. End 1 of them?")
        await working.type("queue", "resume", "high")
        async with asyncio.timeout(PATIENCE):
            while not any(step.attempt > 1 for step in (await run.describe()).raw_description.pending_activities):
                await asyncio.sleep(0.1)
        screen.type("y")
        await asyncio.to_thread(screen.read_until, "")
    assert "Cleared 0 runs of high; 1 had begun meanwhile, left alone." in screen.text
    assert await working.status("waiting/1") == "RUNNING"
