"""`sellermind backup` while everything runs, and a restore: the next ticks bring the tables back to the truth."""

import asyncio
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from temporalio.client import Client

from ops.demo import temporal_server
from ops.demo.comparison import Difference
from ops.demo.temporal_server import TemporalServer
from schedules.apply import apply
from sellermind.models.accounts import AccountRef
from sellermind.settings import Settings
from sellermind.storage import schema
from sellermind.storage.engine import build_engine
from sellermind.temporal import data_converter
from tests.fixtures.command_line import clean_environment, sellermind
from tests.fixtures.patience import until
from tests.fixtures.ports import free_port
from tests.fixtures.product import Product, add_account, differences, settings_for
from tests.fixtures.sandbox import Sandbox
from workflows.catalog import JOBS

CADENCE = {job.name: 2 if "Wildberries" in job.name else 86_400 for job in JOBS}
A_DAY = 86_400


def served(folder: Path) -> AbstractContextManager[TemporalServer]:
    """An embedded Temporal server on the folder's file."""
    file, log = folder / "temporal.db", folder / "temporal.log"
    return temporal_server.running(port=free_port(), ui_port=free_port(), database=file, log=log)


@dataclass(frozen=True)
class Machine:
    """One machine in the embedded mode, with one account."""

    settings: Settings
    sandbox: Sandbox
    account: AccountRef
    sid: str
    folder: Path

    @property
    def differences(self) -> list[Difference]:
        """Where the account's orders are not what the sandbox says."""
        engine = build_engine(self.settings.database_url)
        try:
            return differences(engine, self.account, self.sandbox, self.sid)
        finally:
            engine.dispose()

    async def sync(self, server: TemporalServer, copies: str = "") -> None:
        """Let a worker work until the tables are the truth; then, while it goes on, back up into this folder."""
        client = await Client.connect(server.address, data_converter=data_converter(self.settings))
        await apply(client, self.settings.model_copy(update={"cadence": CADENCE}))
        engine = build_engine(self.settings.database_url)
        product = Product(engine, self.settings, self.sandbox, client, server.address, self.folder)
        with product.worker("high", "worker"):
            await until(lambda: not self.differences, "the tables are the truth")
            if copies:
                line = ("backup", str(self.folder / copies), "--temporal-file", str(self.folder / "temporal.db"))
                ran = await asyncio.to_thread(sellermind, *line, "--json", environment=product.environment)
                assert ran.code == 0, ran
                assert len([file for file in ran.json["files"] if file["bytes"] > 0]) == 2
        engine.dispose()


@pytest.fixture
def machine(database_url: str, sandbox: Sandbox, tmp_path: Path) -> Machine:
    """A machine whose seller has sixty orders; nothing runs yet."""
    settings = settings_for(database_url, sandbox)
    engine = build_engine(database_url)
    schema.upgrade(engine)
    (seller, *_) = sandbox.sellers()
    account = add_account(engine, settings, seller)
    engine.dispose()
    sandbox.make_orders(seller["sid"], 60)
    return Machine(settings, sandbox, account, seller["sid"], tmp_path)


def live(sandbox: Sandbox, sid: str) -> None:
    """A day in the seller's life: new orders, and old ones that go their way."""
    before = [order["id"] for order in sandbox.truth(sid)["orders"]]
    sandbox.make_orders(sid, 40)
    sandbox.do(sid, "cancel", *before[::3])
    sandbox.world(skip_seconds=A_DAY)
    sandbox.make_orders(sid, 5)


def restore(copies: Path, database_url: str, folder: Path) -> None:
    """As docs/operations.md says: nothing runs, everything of today is lost, the copies take its place."""
    for lost in folder.glob("*.db*"):
        lost.unlink()
    shutil.copy(copies / "temporal.db", folder / "temporal.db")
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        shutil.copy(copies / "sellermind.db", str(url.database))
        return
    engine = create_engine(url.set(database=None), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {url.database}"))
        connection.execute(text(f"CREATE DATABASE {url.database} CHARACTER SET utf8mb4"))
    engine.dispose()
    line = ["mariadb", f"--host={url.host}", f"--port={url.port}", f"--user={url.username}", str(url.database)]
    with (copies / "sellermind.sql").open("rb") as dump:
        subprocess.run(line, stdin=dump, check=True)


async def test_after_yesterdays_copies_are_restored_the_next_ticks_bring_the_tables_back_to_the_truth(
    machine: Machine,
) -> None:
    with served(machine.folder) as server:
        await machine.sync(server, copies="copies")
        live(machine.sandbox, machine.sid)
        await machine.sync(server)
    restore(machine.folder / "copies", machine.settings.database_url, machine.folder)
    assert machine.differences != []
    with served(machine.folder) as server:
        await machine.sync(server)


@contextmanager
def written(file: Path) -> Iterator[None]:
    """A database of twenty megabytes in which somebody writes for the length of a block, as fast as he can."""
    over = threading.Event()

    def write(connection: sqlite3.Connection) -> None:
        while not over.is_set():
            connection.execute("INSERT INTO kept (text) VALUES ('later')")
            connection.execute("UPDATE kept SET text = 'later' WHERE id % 5000 = 0")

    with closing(busy_file(file)) as connection:
        writer = threading.Thread(target=write, args=(connection,))
        writer.start()
        try:
            yield
        finally:
            over.set()
            writer.join()


def busy_file(file: Path) -> sqlite3.Connection:
    """A database in WAL mode, its last rows in the log beside it."""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=wal")
    connection.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, text TEXT)")
    connection.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
                       "INSERT INTO kept SELECT i, hex(zeroblob(500)) FROM n")  # fmt: skip
    return connection


def test_copies_are_private_whole_and_of_one_moment_and_nothing_is_overwritten(tmp_path: Path) -> None:
    temporal, ours, target = tmp_path / "temporal.db", tmp_path / "ours.db", tmp_path / "deep" / "copies"
    environment = clean_environment(SELLERMIND_DATABASE_URL=f"sqlite:///{ours}")
    line = ("backup", str(target), "--temporal-file", str(temporal))
    with written(temporal), written(ours):
        assert sellermind(*line, environment=environment).code == 0
        again = sellermind(*line, environment=environment)
        assert (again.code, "never overwritten" in again.sentence) == (5, True)
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in target.iterdir()} == {
        "temporal.db": "0o600",
        "sellermind.db": "0o600",
    }
    assert oct(target.stat().st_mode & 0o777) == "0o700"
    for file in target.iterdir():
        with closing(sqlite3.connect(file)) as copy:
            assert copy.execute("SELECT COUNT(*) FROM kept").fetchone()[0] >= 20_000


@pytest.mark.parametrize("missing", ["temporal", "database", "server"])
def test_a_backup_that_cannot_be_whole_leaves_nothing_and_says_what_to_mend(tmp_path: Path, missing: str) -> None:
    temporal = tmp_path / "temporal.db"
    if missing != "temporal":
        busy_file(temporal).close()
    url = "mysql+pymysql://root@127.0.0.1:9/none" if missing == "server" else f"sqlite:///{tmp_path}/none.db"
    environment = clean_environment(SELLERMIND_DATABASE_URL=url)
    ran = sellermind("backup", str(tmp_path / "copies"), "--temporal-file", str(temporal), environment=environment)
    assert (ran.code, ran.out) == (2 if missing == "temporal" else 1, "")
    said = {"temporal": "'--temporal-file'", "database": "cannot be copied", "server": "mariadb-dump failed"}
    assert said[missing] in ran.sentence
    assert [file.name for file in tmp_path.iterdir() if "copies" in file.name] == []
