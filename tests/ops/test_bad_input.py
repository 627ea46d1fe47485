"""What a person gets wrong ends in one sentence that names it and the remedy, and leaves nothing half-written."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from sellermind.storage import schema
from sellermind.storage.engine import build_engine
from tests.fixtures.command_line import clean_environment, in_process, sellermind
from tests.fixtures.ports import free_port

KEY = "4nPjAQiYOyNEKk4e0lMFYh1qDv1hbYUCFv7UEnhcjD0="
NEW_ACCOUNT = ("account", "add", "--marketplace", "wb", "--name", "Cabinet", "--company", "1")


@pytest.fixture
def migrated(sqlite_url: str) -> str:
    """A database at this code's revision, for the test to spoil."""
    engine = build_engine(sqlite_url)
    schema.upgrade(engine)
    engine.dispose()
    return sqlite_url


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_an_unknown_job_names_the_closest_and_lists_the_jobs() -> None:
    ran = sellermind("dispatch", "SyncNewWildberiesOrder", "--account", "1", environment=clean_environment())
    assert ran.code == 3
    assert ran.sentence.startswith("There is no job SyncNewWildberiesOrder. Did you mean SyncNewWildberriesOrders? ")


@pytest.mark.parametrize(
    ("variables", "arguments", "named"),
    [
        ({"SELLERMIND_DATABASE_URL": "my-sql:/x"}, ("db", "check"), "set SELLERMIND_DATABASE_URL"),
        (
            {"SELLERMIND_DATABASE_URL": "mysql+pymysql://a@h:port/d"},
            ("db", "upgrade"),
            "set SELLERMIND_DATABASE_URL",
        ),
        ({"TEMPORAL_ADDRESS": "temporal:port"}, ("schedules", "list"), "TEMPORAL_ADDRESS is not host:port"),
        ({"TEMPORAL_PROFILE": "nobody"}, ("schedules", "list"), "Temporal's settings cannot be read"),
        ({"SELLERMIND_SLOTS_HIGH": "many"}, ("jobs",), "SELLERMIND_SLOTS_HIGH: "),
        ({"SELLERMIND_CADENCE": "{"}, ("jobs",), "SELLERMIND_… variable is not valid JSON"),
        ({"SELLERMIND_CADENCE": '{"SyncUzumOrders": 0}'}, ("jobs",), "SELLERMIND_CADENCE"),
    ],
)
def test_a_wrong_setting_is_named(variables: dict[str, str], arguments: tuple[str, ...], named: str) -> None:
    ran = sellermind(*arguments, environment=clean_environment(**variables))
    assert ran.code == 1
    assert named in ran.sentence
    assert ran.out == ""


@pytest.mark.parametrize("url", ["http//sandbox", "https://example.com", "http://marketplace-api.wildberries.ru"])
def test_a_marketplace_url_that_cannot_be_used_stops_the_account_before_it_is_stored(migrated: str, url: str) -> None:
    environment = clean_environment(
        SELLERMIND_DATABASE_URL=migrated, SELLERMIND_SECRET_KEYS=KEY, SELLERMIND_WILDBERRIES_URL=url
    )
    ran = sellermind(*NEW_ACCOUNT, environment=environment, given="a.b.c")
    assert ran.code == 1
    assert "SELLERMIND_WILDBERRIES_URL" in ran.sentence
    assert sellermind("account", "list", "--json", environment=environment).json == []


def test_a_missing_key_is_told_with_the_command_that_makes_one(migrated: str) -> None:
    environment = clean_environment(
        SELLERMIND_DATABASE_URL=migrated,
        SELLERMIND_SECRET_KEYS="",
        SELLERMIND_WILDBERRIES_URL="http://127.0.0.1:1",
        SELLERMIND_ALLOWED_HOSTS="127.0.0.1",
    )
    ran = sellermind(*NEW_ACCOUNT, environment=environment, given="opaque")
    assert ran.code == 1
    assert ran.sentence.startswith("SELLERMIND_SECRET_KEYS is not set; this prints a key for it: python3 -c")
    assert sellermind("account", "list", "--json", environment=environment).json == []


def test_no_token_is_a_usage_error(migrated: str) -> None:
    ran = sellermind(*NEW_ACCOUNT, environment=clean_environment(SELLERMIND_DATABASE_URL=migrated), given=" \n")
    assert ran.code == 2
    assert ran.sentence.startswith("No token on stdin: give it as `< token.txt`")


@pytest.mark.parametrize(
    ("arguments", "token", "code", "named"),
    [
        ((*NEW_ACCOUNT, "--name", " "), "opaque", 2, "Invalid value for '--name'"),
        ((*NEW_ACCOUNT, "--name", "red\x1b[31m"), "opaque", 2, "Invalid value for '--name'"),
        ((*NEW_ACCOUNT, "--name", "n" * 256), "opaque", 2, "Invalid value for '--name'"),
        ((*NEW_ACCOUNT, "--shop", "abc"), "opaque", 2, "Invalid value for '--shop'"),
        ((*NEW_ACCOUNT, "--company", str(2**63)), "\ufeffopaque\r\n", 2, "larger than any id"),
        (("account", "show", str(2**63)), "", 2, "larger than any id"),
        (NEW_ACCOUNT, "x" * 10_000, 5, "copy the token alone"),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    migrated: str, arguments: tuple[str, ...], token: str, code: int, named: str
) -> None:
    environment = clean_environment(
        SELLERMIND_DATABASE_URL=migrated,
        SELLERMIND_SECRET_KEYS=KEY,
        SELLERMIND_WILDBERRIES_URL="http://127.0.0.1:1",
        SELLERMIND_ALLOWED_HOSTS="127.0.0.1",
    )
    ran = sellermind(*arguments, environment=environment, given=token)
    assert ran.code == code
    assert named in ran.sentence
    assert in_process("account", "list", "--json", environment=environment).json == []


@pytest.mark.parametrize("arguments", [("db", "check"), ("account", "list")])
def test_a_file_that_is_no_database_is_told_as_such(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    file = tmp_path / "notes.db"
    file.write_text("no database at all, and long enough to be looked at as one" * 100)
    ran = in_process(*arguments, environment=clean_environment(SELLERMIND_DATABASE_URL=f"sqlite:///{file}"))
    assert (ran.code, "is no SQLite database" in ran.sentence) == (1, True)


@pytest.mark.parametrize("arguments", [("db", "check"), ("account", "list"), NEW_ACCOUNT])
def test_an_empty_database_asks_for_the_upgrade(sqlite_url: str, arguments: tuple[str, ...]) -> None:
    environment = clean_environment(SELLERMIND_DATABASE_URL=sqlite_url, SELLERMIND_SECRET_KEYS=KEY)
    ran = sellermind(*arguments, environment=environment, given="opaque")
    assert ran.code == 1
    assert "run `sellermind db upgrade`" in ran.sentence


def test_a_newer_database_asks_for_newer_code(migrated: str) -> None:
    engine = build_engine(migrated)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for verb in ("check", "upgrade"):
        ran = sellermind("db", verb, environment=clean_environment(SELLERMIND_DATABASE_URL=migrated))
        assert ran.code == 1
        assert "deploy the newer code" in ran.sentence


@pytest.mark.parametrize("option", ["--temporal-port", "--ui-port", "--sandbox-port"])
def test_a_taken_port_that_was_asked_for_is_refused_before_anything_starts(
    taken_port: int, tmp_path: Path, option: str
) -> None:
    folder = tmp_path / "demo"
    ran = sellermind("demo", option, str(taken_port), "--folder", str(folder), environment=clean_environment())
    assert ran.code == 1
    assert f"Port {taken_port} is taken; name another with {option}, or leave {option} out." in ran.err
    assert not list(folder.glob("*.db"))


@pytest.mark.parametrize("verb", ["demo", "dev"])
def test_a_disk_that_cannot_be_written_is_named(verb: str) -> None:
    environment = clean_environment(SELLERMIND_SECRET_KEYS=KEY)
    ran = sellermind(verb, "--folder", "/proc/sellermind", environment=environment)
    assert ran.code == 1
    assert ran.sentence.startswith("/proc/sellermind")
    assert "check the disk and the permissions" in ran.sentence


def test_a_database_file_that_cannot_be_written_is_named() -> None:
    environment = clean_environment(SELLERMIND_DATABASE_URL="sqlite:////proc/sellermind/a.db")
    ran = sellermind("db", "upgrade", environment=environment)
    assert ran.code == 1
    assert "/proc/sellermind" in ran.sentence
    assert "SELLERMIND_DATABASE_URL" in ran.sentence


def test_a_silent_database_and_a_silent_temporal_are_told_apart_from_other_failures() -> None:
    port = free_port()
    environment = clean_environment(
        SELLERMIND_DATABASE_URL=f"mysql+pymysql://root:hidden@127.0.0.1:{port}/sellermind",
        TEMPORAL_ADDRESS=f"127.0.0.1:{port}",
    )
    database = sellermind("account", "list", environment=environment)
    assert database.code == 4
    assert "SELLERMIND_DATABASE_URL" in database.sentence
    assert "hidden" not in database.err
    temporal = sellermind("schedules", "list", "--json", environment=environment)
    assert (temporal.code, temporal.out) == (4, "")
    assert temporal.sentence == f"Temporal does not answer at 127.0.0.1:{port}; start it, or set TEMPORAL_ADDRESS."


def test_a_wrong_password_does_not_show_it(mariadb_url: str) -> None:
    wrong = mariadb_url.replace("root@", "nobody:hunter2@")
    ran = sellermind("db", "check", environment=clean_environment(SELLERMIND_DATABASE_URL=wrong))
    assert ran.code == 1
    assert "SELLERMIND_DATABASE_URL" in ran.sentence
    assert "hunter2" not in ran.err
