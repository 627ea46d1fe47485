"""Temporal or the database down or frozen during each verb: an answer in seconds, exit 4, no secret."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest
from temporalio.client import Client

from sellermind.settings import CHECKOUT
from sellermind.storage import schema
from sellermind.storage.engine import build_engine
from tests.fixtures.command_line import clean_environment
from tests.fixtures.database import MariaDbProcess
from tests.fixtures.desk import Desk
from tests.fixtures.proxy import proxy_to

PASSWORD = "hunter2"
SOONEST = 3.0
COMPANY = 1.0
"""Seconds for the five that start beside a verb: the machine may have one core."""
DATABASE_VERBS = (
    "db check",
    "db upgrade",
    "db adopt --yes",
    "account list",
    "account show 1",
    "account pause 1",
    "account resume 1",
    "account remove 1 --yes",
    "account add --marketplace wb --name x --company 1",
    "account set-token 1",
    "account rekey",
    "dispatch SyncNewWildberriesOrders --account 1",
    "dispatch ContinueAgentRun --run 1 --message x",
    "dispatch ProcessGenerationTask --task 1",
    "schedules backfill ReconcileWildberriesOrders --since 1d",
    "schedules list",
    "schedules pause --all --account 1",
    "schedules resume --all --account 1",
    "schedules trigger --all --account 1",
    "generate list",
    "generate cards --company 1 --products 1",
    "generate retry 1",
    "generate cancel 1",
    "generate show 1",
    "agent list",
    "agent show 1",
    "agent run general-assistant --company 1 --message x",
    "agent continue 1 --message x",
    "agent cancel 1",
    "agent trace 1",
)
TEMPORAL_VERBS = (
    "queue stats",
    "queue monitor high",
    "queue failed",
    "queue failed --id a/1",
    "queue retry all",
    "queue retry a/1",
    "queue forget a/1 --yes",
    "queue flush --yes",
    "queue clear low --yes",
    "queue stuck",
    "queue unstick a/1",
    "queue pause low",
    "queue resume low",
    "schedules apply",
    "schedules list",
    "schedules pause --all",
    "schedules resume --all",
    "schedules trigger --all",
    "schedules check",
    "workers status",
    "workers plan",
    "down",
    "up",
    "tctl workflow retry -w a/1",
)
# Forks after the imports, a few at a time: what is measured is how long a verb waits.
TYPED = """
import importlib, json, os, sys, tempfile, time, warnings
import ops.failures
from ops.cli import VERBS, run

warnings.simplefilter("ignore", DeprecationWarning)
commands = json.loads(sys.argv[1])
for verb in {command.split()[0] for command in commands}:
    importlib.import_module(VERBS[verb][0])
for first in range(0, len(commands), 6):
    begun = {}
    for command in commands[first : first + 6]:
        said, start = tempfile.TemporaryFile("w+"), time.monotonic()
        child = os.fork()
        if not child:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            run(command.split())
        begun[child] = (command, said, start)
    while begun:
        child, status = os.wait()
        command, said, start = begun.pop(child)
        said.seek(0)
        took, code = time.monotonic() - start, os.waitstatus_to_exitcode(status)
        print(json.dumps([command, code, took, said.read()]), flush=True)
"""


@pytest.fixture
def frozen_port() -> Iterator[int]:
    """A port that takes connections and never says a word, as a frozen server's does."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield int(server.getsockname()[1])


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def port(request: pytest.FixtureRequest) -> int:
    """The port of a server that is down, or frozen."""
    return int(request.getfixturevalue(request.param))


def wrong(commands: Sequence[str], environment: dict[str, str]) -> list[list[object]]:
    """The commands that do not end as they should."""
    line = [sys.executable, "-c", TYPED, json.dumps(commands)]
    done = subprocess.run(line, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True)
    ends = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(ends) == len(commands)
    return [
        [command, code, seconds, said]
        for command, code, seconds, said in ends
        if code != 4 or seconds > SOONEST + COMPANY or said.count("\n") != 1 or PASSWORD in said
    ]


@pytest.mark.parametrize("port", ["closed_port", "frozen_port"], indirect=True)
def test_every_verb_says_soon_that_the_database_is_away(port: int, namespace: Client, temporal_address: str) -> None:
    environment = clean_environment(
        TEMPORAL_ADDRESS=temporal_address,
        TEMPORAL_NAMESPACE=namespace.namespace,
        SELLERMIND_DATABASE_URL=f"mysql+pymysql://seller:{PASSWORD}@127.0.0.1:{port}/sellermind",
    )
    assert wrong(DATABASE_VERBS, environment) == []


@pytest.mark.parametrize("port", ["closed_port", "frozen_port"], indirect=True)
def test_every_verb_says_soon_that_temporal_is_away(port: int, sqlite_url: str) -> None:
    engine = build_engine(sqlite_url)
    schema.upgrade(engine)
    engine.dispose()
    environment = clean_environment(
        TEMPORAL_ADDRESS=f"127.0.0.1:{port}", TEMPORAL_API_KEY=PASSWORD, SELLERMIND_DATABASE_URL=sqlite_url
    )
    assert wrong(TEMPORAL_VERBS, environment) == []


@pytest.mark.parametrize("command", ["queue failed", "queue retry all"])
async def test_a_server_that_freezes_in_the_midst_of_a_verb_is_told_as_soon(desk: Desk, command: str) -> None:
    with proxy_to(desk.environment["TEMPORAL_ADDRESS"]) as proxy:
        proxy.hold_at(b"ExecutionStatus")
        environment = desk.environment | {"TEMPORAL_ADDRESS": proxy.address}
        assert await asyncio.to_thread(wrong, [command], environment) == []
        assert proxy.weather.requests_held


def test_a_stopped_mariadb_is_told_as_one_that_does_not_answer(own_mariadb: MariaDbProcess) -> None:
    url = own_mariadb.server.create_database()
    schema.upgrade(build_engine(url))
    os.kill(own_mariadb.pid, signal.SIGSTOP)
    try:
        assert wrong(("account list", "db check"), clean_environment(SELLERMIND_DATABASE_URL=url)) == []
    finally:
        os.kill(own_mariadb.pid, signal.SIGCONT)
