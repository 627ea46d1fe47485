"""Temporal or the database down or frozen during each verb: an answer in seconds, exit 4, no secret."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack

import pytest
from temporalio.client import Client

from sellermind.agents.builtin import install
from sellermind.models.accounts import Marketplace
from sellermind.models.agent_records import NewRun
from sellermind.models.generation import GenerationType, ImagesInput, ProductRef
from sellermind.settings import CHECKOUT
from sellermind.storage import accounts, agent_runs, agents, generation, schema
from sellermind.storage.engine import build_engine, transaction
from tests.fixtures.command_line import clean_environment
from tests.fixtures.database import MariaDbProcess
from tests.fixtures.desk import Desk
from tests.fixtures.proxy import CALM, Proxy, proxy_to

PASSWORD = "hunter2"
SOONEST = 3.0
COMPANY = 1.0
"""Seconds for the three that start beside a verb: the machine may have one core."""
DEPLOYED = {"SELLERMIND_DEPLOYMENT": "sellermind"}
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
    "queue stats",
    "queue stuck",
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
    "deploy status",
    "deploy check",
    "dispatch SyncNewWildberriesOrders --account 1",
    "dispatch RemoveOldRows",
    "dispatch RunAgentTaskRun --run 1",
    "dispatch ContinueAgentRun --run 1 --message x",
    "dispatch ProcessGenerationTask --task 1",
    "schedules trigger --all --account 1",
    "schedules backfill ReconcileWildberriesOrders --since 1d",
    "agent run general-assistant --company 1 --message x",
    "agent continue 1 --message x",
    "agent cancel 1",
    "generate cards --company 1 --products 1",
    "generate retry 1",
    "generate cancel 1",
)
# Forks after the imports, a few at a time: what is measured is how long a verb waits.
TYPED = """
import importlib, json, os, sys, tempfile, time, warnings
import ops.failures
from ops.cli import VERBS, run

warnings.simplefilter("ignore", DeprecationWarning)
commands, addresses, at_once = json.loads(sys.argv[1])
for verb in {command.split()[0] for command in commands}:
    importlib.import_module(VERBS[verb][0])
for first in range(0, len(commands), at_once):
    begun = {}
    for command in commands[first : first + at_once]:
        said, start = tempfile.TemporaryFile("w+"), time.monotonic()
        child = os.fork()
        if not child:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            if command in addresses:
                os.environ["TEMPORAL_ADDRESS"] = addresses[command]
            run(command.split())
        begun[child] = (command, said, start)
    while begun:
        child, status, used = os.wait4(-1, 0)
        command, said, start = begun.pop(child)
        said.seek(0)
        took, code = time.monotonic() - start - 2 * (used.ru_utime + used.ru_stime), os.waitstatus_to_exitcode(status)
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


def wrong(
    commands: Sequence[str], environment: dict[str, str], proxies: Mapping[str, Proxy] | None = None
) -> list[list[object]]:
    """The commands that do not end as they should; each may have a Temporal of its own.

    What is wrong in company is asked once more alone. A verb waits for `SOONEST`; what it computes counts twice, as if
    another process had half of its core.
    """
    suspects = [str(end[0]) for end in _wrong(commands, environment, proxies or {}, at_once=4)]
    return _wrong(suspects, environment, proxies or {}, at_once=1) if suspects else []


def _wrong(
    commands: Sequence[str], environment: dict[str, str], proxies: Mapping[str, Proxy], *, at_once: int
) -> list[list[object]]:
    for command in commands:
        if command in proxies:
            proxies[command].weather = CALM
    addresses = {command: proxy.address for command, proxy in proxies.items()}
    line = [sys.executable, "-c", TYPED, json.dumps([commands, addresses, at_once])]
    hasty = environment | {"SELLERMIND_ANSWER_WITHIN": "2"}
    done = subprocess.run(line, cwd=CHECKOUT, env=hasty, capture_output=True, text=True, check=True)
    ends = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(ends) == len(commands)
    return [
        [command, code, seconds, said]
        for command, code, seconds, said in ends
        if code != 4 or seconds > SOONEST + COMPANY or said.count("\n") != 1 or PASSWORD in said
    ]


@pytest.fixture
def filled(sqlite_url: str) -> str:
    """A database whose account, agent's run and generation task have the number 1, and keep no verb from Temporal."""
    engine = build_engine(sqlite_url)
    schema.upgrade(engine)
    with transaction(engine) as connection:
        accounts.add(
            connection,
            company_id=1,
            marketplace=Marketplace.WILDBERRIES,
            name="Cabinet",
            token_cipher="sealed",
            shop_ids=(),
        )
        install(connection)
        agent = agents.find(connection, "general-assistant")
        agent_runs.create(connection, agent, NewRun(company_id=1, text="hello"))
        wanted = ImagesInput(products=(ProductRef(id=1),))
        generation.create(connection, 1, GenerationType.IMAGES, wanted)
    engine.dispose()
    return sqlite_url


@pytest.mark.parametrize("port", ["closed_port", "frozen_port"], indirect=True)
def test_every_verb_says_soon_that_the_database_is_away(port: int, namespace: Client, temporal_address: str) -> None:
    environment = clean_environment(
        TEMPORAL_ADDRESS=temporal_address,
        TEMPORAL_NAMESPACE=namespace.namespace,
        SELLERMIND_DATABASE_URL=f"mysql+pymysql://seller:{PASSWORD}@127.0.0.1:{port}/sellermind",
    )
    assert wrong(DATABASE_VERBS, environment) == []


@pytest.mark.parametrize("port", ["closed_port", "frozen_port"], indirect=True)
def test_every_verb_says_soon_that_temporal_is_away(port: int, filled: str) -> None:
    environment = clean_environment(
        TEMPORAL_ADDRESS=f"127.0.0.1:{port}", TEMPORAL_API_KEY=PASSWORD, SELLERMIND_DATABASE_URL=filled, **DEPLOYED
    )
    assert wrong(TEMPORAL_VERBS, environment) == []


async def test_a_server_that_freezes_in_the_midst_of_a_verb_is_told_as_soon(desk: Desk, filled: str) -> None:
    with ExitStack() as frozen:
        proxies = {
            verb: frozen.enter_context(proxy_to(desk.environment["TEMPORAL_ADDRESS"])) for verb in TEMPORAL_VERBS
        }
        for proxy in proxies.values():
            proxy.hold_at(desk.client.namespace.encode())  # every request names it, but the one that connects
        environment = desk.environment | {"SELLERMIND_DATABASE_URL": filled} | DEPLOYED
        assert await asyncio.to_thread(wrong, TEMPORAL_VERBS, environment, proxies) == []
        assert [verb for verb, proxy in proxies.items() if not proxy.weather.requests_held] == []


def test_a_stopped_mariadb_is_told_as_one_that_does_not_answer(own_mariadb: MariaDbProcess) -> None:
    url = own_mariadb.server.create_database()
    schema.upgrade(build_engine(url))
    os.kill(own_mariadb.pid, signal.SIGSTOP)
    try:
        assert wrong(("account list", "db check"), clean_environment(SELLERMIND_DATABASE_URL=url)) == []
    finally:
        os.kill(own_mariadb.pid, signal.SIGCONT)
