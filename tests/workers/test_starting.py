"""What worker processes wait for at the start, and what they refuse."""

import os
import signal
from functools import partial
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from temporalio.client import Client

from ops.demo import temporal_server
from sellermind.models.accounts import Marketplace
from sellermind.settings import CHECKOUT
from sellermind.storage import accounts, schema
from sellermind.storage.engine import build_engine, transaction
from sellermind.vault import TokenVault
from tests.fixtures.ports import free_port
from tests.fixtures.worker_process import Site, started

OTHER_KEY = "4nPjAQiYOyNEKk4e0lMFYh1qDv1hbYUCFv7UEnhcjD0="


async def test_a_worker_waits_for_temporal_with_a_line_for_each_attempt(site: Site, tmp_path: Path) -> None:
    port, ui_port = free_port(), free_port()
    environment = site.environment | {"TEMPORAL_ADDRESS": f"127.0.0.1:{port}", "TEMPORAL_NAMESPACE": "default"}
    async with started("high", environment=environment) as worker:
        line = await worker.said("does not answer yet")
        assert (line["what"], line["address"]) == ("Temporal", f"127.0.0.1:{port}")
        with temporal_server.running(port=port, ui_port=ui_port, database=None, log=tmp_path / "log"):
            await worker.said("worker ready")
            worker.signal(signal.SIGTERM)
            assert await worker.ended() == (0, "")


async def test_a_worker_goes_on_when_temporal_is_killed_and_comes_back(site: Site, tmp_path: Path) -> None:
    port = free_port()
    server = partial(
        temporal_server.running,
        port=port,
        ui_port=free_port(),
        database=tmp_path / "temporal.db",
        log=tmp_path / "temporal.log",
    )
    environment = site.environment | {"TEMPORAL_ADDRESS": f"127.0.0.1:{port}", "TEMPORAL_NAMESPACE": "default"}
    async with started("high", environment=environment) as worker:
        with server() as first:
            await worker.said("worker ready")
            os.kill(first.pid, signal.SIGKILL)
        with server() as second:
            run = await Site(await Client.connect(second.address), environment).start("nap", 0.1)
            assert await run.result() == 1


async def test_a_worker_gives_up_on_temporal_with_one_sentence(site: Site) -> None:
    nobody = {"TEMPORAL_ADDRESS": "127.0.0.1:1", "SELLERMIND_START_TIMEOUT": "2"}
    async with started("high", environment=site.environment | nobody) as worker:
        code, stderr = await worker.ended()
    assert code == 1
    assert stderr == "Temporal at 127.0.0.1:1 has not answered for 2 s; start it, or set TEMPORAL_ADDRESS.\n"
    assert set(worker.events) == {"does not answer yet"}


async def test_a_worker_gives_up_on_the_database_without_showing_its_password(site: Site) -> None:
    nobody = {"SELLERMIND_DATABASE_URL": "mysql+pymysql://u:canary@127.0.0.1:1/x", "SELLERMIND_START_TIMEOUT": "2"}
    async with started("high", environment=site.environment | nobody) as worker:
        code, stderr = await worker.ended()
    assert code == 1
    assert stderr == (
        "The database at mysql+pymysql://u:***@127.0.0.1:1/x has not answered for 2 s; "
        "start it, or set SELLERMIND_DATABASE_URL.\n"
    )
    assert set(worker.events) == {"does not answer yet"}


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"SELLERMIND_DATABASE_URL": "sqlite:///{empty}"}, "The database is at revision none, this code needs"),
        ({"SELLERMIND_SLOTS_HIGH": "0"}, "SELLERMIND_SLOTS_HIGH: Input should be greater"),
        ({"SELLERMIND_LOG_LEVEL": "LOUD"}, "SELLERMIND_LOG_LEVEL is 'LOUD'; use"),
        ({"TEMPORAL_PROFILE": "nobody"}, "Temporal's settings cannot be read"),
        ({"TEMPORAL_ADDRESS": "not a host"}, "TEMPORAL_ADDRESS is not host:port"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_what_a_person_must_mend_is_one_sentence_without_traceback(
    site: Site, tmp_path: Path, setting: dict[str, str], sentence: str
) -> None:
    wrong = {name: value.format(empty=tmp_path / "empty.db") for name, value in setting.items()}
    async with started("low", environment=site.environment | wrong) as worker:
        code, stderr = await worker.ended()
    assert code == 1
    assert stderr.startswith(sentence)
    assert stderr.count("\n") == 1


@pytest.mark.parametrize(("keys", "wrong"), [("", "is not set"), (OTHER_KEY, "opens the account")])
async def test_a_worker_that_can_open_no_stored_token_does_not_begin(
    site: Site, tmp_path: Path, keys: str, wrong: str
) -> None:
    engine = build_engine(f"sqlite:///{tmp_path}/own.db")
    schema.upgrade(engine)
    sealed = TokenVault(SecretStr(Fernet.generate_key().decode()), None).seal("token")
    with transaction(engine) as connection:
        accounts.add(connection, company_id=1, marketplace=Marketplace.UZUM, name="x", token_cipher=sealed, shop_ids=())
    here = {"SELLERMIND_DATABASE_URL": str(engine.url), "SELLERMIND_SECRET_KEYS": keys}
    async with started("high", environment=site.environment | here) as worker:
        code, stderr = await worker.ended()
    assert (code, stderr.count("\n")) == (1, 1)
    assert "SELLERMIND_SECRET_KEYS" in stderr
    assert wrong in stderr


async def test_a_ready_file_that_cannot_be_written_is_one_sentence(site: Site, tmp_path: Path) -> None:
    async with started("low", "--ready-file", str(tmp_path / "no" / "x"), environment=site.environment) as worker:
        code, stderr = await worker.ended()
    assert (code, stderr) == (
        1,
        f"The ready file {tmp_path}/no/x cannot be used (No such file or directory); name another.\n",
    )


async def test_another_package_called_workflows_is_refused_with_one_sentence(site: Site, tmp_path: Path) -> None:
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "__init__.py").touch()
    foreign = site.environment | {"PYTHONPATH": f"{tmp_path}:{CHECKOUT}", "PYTHONSAFEPATH": "1"}
    async with started(environment=foreign, module="workers.high") as worker:
        code, stderr = await worker.ended()
    assert code == 1
    assert stderr.startswith(f"`import workflows` finds {tmp_path}/workflows/__init__.py instead of ")
    assert stderr.count("\n") == 1


async def test_laravels_other_flags_are_accepted_with_one_warning(site: Site) -> None:
    flags = ["--sleep=3", "--tries=3", "--timeout=60", "--max-time=1"]
    async with started("low", *flags, environment=site.environment) as worker:
        assert await worker.ended() == (0, "")
    warning = await worker.said("ignored: workflow policies and Temporal decide this")
    assert warning["flags"] == "--sleep --tries --timeout"


async def test_a_wrong_command_line_is_told_with_code_2(site: Site) -> None:
    async with started("--max-jobs=many", environment=site.environment, module="workers.low") as worker:
        code, stderr = await worker.ended()
    assert code == 2
    assert stderr.splitlines()[-1].endswith("argument --max-jobs: 'many' is not a whole number above 0")
