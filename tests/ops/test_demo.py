"""`sellermind demo` and `sellermind dev` as a newcomer meets them: real processes, watched from outside."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from sellermind.settings import CHECKOUT
from tests.fixtures.command_line import clean_environment, sellermind
from tests.fixtures.patience import PATIENCE, wait_until
from tests.fixtures.proc import runs

KEY = "4nPjAQiYOyNEKk4e0lMFYh1qDv1hbYUCFv7UEnhcjD0="


class Terminal:
    """A running `sellermind …` whose output is a pipe."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []

    def read_until(self, pattern: str) -> "re.Match[str]":
        """Read on until a line matches, and give the match."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            if found := re.search(pattern, line):
                return found
        pytest.fail(f"ended without saying {pattern!r}: {''.join(self.lines)}")

    def ended(self) -> int:
        """Read to the end; the exit code."""
        assert self.process.stdout
        self.lines += self.process.stdout
        return self.process.wait(PATIENCE)

    def children(self) -> list[int]:
        """Process ids of what it started."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def running(*arguments: str, **variables: str) -> Iterator[Terminal]:
    """Run a verb until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-m", "ops", *arguments],
        cwd=CHECKOUT,
        env=clean_environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Terminal(process)
        finally:
            process.terminate()


def all_gone(pids: list[int]) -> bool:
    """Whether none of these processes runs any more."""
    return not any(map(runs, pids))


def test_the_demo_survives_a_killed_worker_and_ends_equal_to_the_truth(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    with running("demo", "--for", "20", "--rate", "60", "--folder", str(folder)) as demo:
        worker = int(demo.read_until(r"kill a worker   kill -9 (\d+)")[1])
        demo.read_until(r"^\S.*  [1-9]\d* +[1-9]\d*  ")
        os.kill(worker, signal.SIGKILL)
        second = sellermind("demo", "--folder", str(folder), environment=clean_environment())
        demo.read_until(r"workers\.high ended \(killed by SIGKILL\)")
        again = int(demo.read_until(r"workers\.high runs again as process (\d+)")[1])
        children = demo.children()
        assert demo.ended() == 0, "".join(demo.lines)
    assert worker not in children
    assert again in children
    assert len(children) == 5
    assert all_gone(children)
    assert second.code == 1
    assert second.sentence.startswith(f"Another one runs in {folder} (process {demo.process.pid}); stop it")
    ended = re.findall(r": (\d+) orders at the marketplace, (\d+) in the table, 0 differences", "".join(demo.lines))
    assert len(ended) == 3
    assert all(int(there) == int(here) > 0 for there, here in ended)
    assert any("The agent's run 1: waiting_approval" in line for line in demo.lines)
    assert demo.lines[-1].endswith("Stopped everything that was started here, and nothing else.\n")


def test_the_demo_s_agent_reads_orders_and_goes_on_when_the_printed_command_is_pasted(tmp_path: Path) -> None:
    with running("demo", "--sellers", "1", "--rate", "120", "--folder", str(tmp_path)) as demo:
        demo.read_until("The agent's run 1 waits for you: save_description changes a product's card")
        see, approve = (demo.read_until(rf"^  {what} +(\(.*\))$")[1] for what in ("see it", "approve it"))
        shown = pasted(see)
        assert "save_description waits for you" in shown
        assert approve.split("sellermind ", 1)[1].rstrip(")") in shown
        assert pasted(approve) == "call 1.3.1 of run 1 is approved\n"
        demo.read_until("The agent's run 1 is success: ")
        demo.process.send_signal(signal.SIGINT)
        assert demo.ended() == 0, "".join(demo.lines)
    with closing(sqlite3.connect(tmp_path / "sellermind.db")) as database:
        calls = database.execute("SELECT tool, state, result FROM agent_tool_calls ORDER BY call_id").fetchall()
        (title,) = database.execute("SELECT title FROM product_descriptions").fetchone()
    assert [call[:2] for call in calls] == [
        ("find_orders", "succeeded"),
        ("product_context", "succeeded"),
        ("propose_description", "succeeded"),
        ("save_description", "succeeded"),
    ]
    orders = json.loads(calls[0][2])
    product = json.loads(calls[1][2])["product"]
    assert {order["article"] for order in orders["orders"]} == {product["article"]}
    assert title.startswith(product["name"])


def pasted(command: str, **variables: str) -> str:
    """What a command prints that somebody pastes into another terminal."""
    shell = ["/bin/sh", "-c", command]
    environment = clean_environment(**variables)
    return subprocess.run(shell, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True).stdout


def test_a_demo_that_differs_from_the_truth_fails_and_says_where(tmp_path: Path) -> None:
    with running("demo", "--for", "1", "--rate", "0", "--sellers", "1", "--folder", str(tmp_path)) as demo:
        demo.read_until("The first worker polls")
        with closing(sqlite3.connect(tmp_path / "sellermind.db")) as database, database:
            database.execute("INSERT INTO wb_orders (marketplace_account_id, external_order_id) VALUES (1, '42')")
        assert demo.ended() == 1
    told = "".join(demo.lines)
    assert "order 42: never existed" in told
    assert "The tables differ from the marketplace" in told


def test_a_demo_stopped_while_it_starts_leaves_nothing_behind(tmp_path: Path) -> None:
    with running("demo", "--folder", str(tmp_path)) as demo:
        demo.read_until("Added 3 accounts")
        children = demo.children()
        demo.process.send_signal(signal.SIGTERM)
        assert demo.ended() == 0, "".join(demo.lines)
    assert children
    assert all_gone(children)


def test_what_a_killed_demo_started_ends_with_it(tmp_path: Path) -> None:
    with running("demo", "--folder", str(tmp_path)) as demo:
        demo.read_until("The first worker polls")
        children = demo.children()
        demo.process.kill()
        wait_until(lambda: all_gone(children), "its children have ended")
    assert len(children) == 5


def test_dev_tells_how_to_add_an_account_and_its_verbs_work_from_another_terminal(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/mine.db"
    with running("dev", "--folder", str(tmp_path), SELLERMIND_DATABASE_URL=database, SELLERMIND_SECRET_KEYS=KEY) as dev:
        verb = dev.read_until(r"Sync it now       (\(.*?) dispatch")[1]
        listed = pasted(f"{verb} schedules list)", SELLERMIND_DATABASE_URL=database)
        assert "SyncNewWildberriesOrders" in listed
        dev.process.send_signal(signal.SIGINT)
        assert dev.ended() == 0, "".join(dev.lines)
    assert any("No accounts yet." in line for line in dev.lines)
    assert (tmp_path / "env").stat().st_mode & 0o777 == 0o600
