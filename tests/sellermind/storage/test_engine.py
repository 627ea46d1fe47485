import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, event, insert, select, text, update
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import StatementError
from sqlalchemy.pool import ConnectionPoolEntry

from sellermind.errors import Misconfigured, Refused, Unavailable
from sellermind.storage import schema
from sellermind.storage.engine import build_engine, reading, transaction
from sellermind.storage.tables.orders import order_events, wb_orders
from sellermind.storage.tables.syncs import api_budgets
from tests.fixtures.patience import PATIENCE


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql+pymysql://u:secret@host:port/db", "postgresql://u:secret@h/db", "mysql://u:secret@h"]
)
def test_a_url_that_cannot_be_used_is_refused_by_its_variable_and_never_quoted(url: str) -> None:
    with pytest.raises(Misconfigured, match="SELLERMIND_DATABASE_URL") as refusal:
        build_engine(url)
    assert "secret" not in str(refusal.value)


def test_a_database_in_memory_is_refused_because_processes_could_not_share_it() -> None:
    with pytest.raises(Misconfigured, match="processes can share"):
        build_engine("sqlite:///:memory:")


def test_only_the_upgrade_makes_a_sqlite_file_and_its_folder(tmp_path: Path) -> None:
    engine = build_engine(f"sqlite:///{tmp_path}/new/folder/x.db")
    with pytest.raises(Misconfigured, match="sellermind db upgrade"):
        schema.check(engine)
    assert not (tmp_path / "new").exists()
    schema.upgrade(engine)
    with transaction(engine) as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
    engine.dispose()


def test_a_folder_that_cannot_be_made_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match=r"file.*SELLERMIND_DATABASE_URL"):
        build_engine(f"sqlite:///{tmp_path}/file/x.db")


def test_a_read_only_disk_is_named_with_the_remedy() -> None:
    with pytest.raises(Misconfigured, match=r"/proc.*SELLERMIND_DATABASE_URL"):
        build_engine("sqlite:////proc/sellermind.db")


def test_a_file_that_is_no_database_is_a_matter_for_a_person(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("no database at all, just a text that is long enough to be looked at")
    engine = build_engine(f"sqlite:///{tmp_path}/x.db")
    with pytest.raises(Misconfigured, match="SELLERMIND_DATABASE_URL"), transaction(engine):
        pass
    engine.dispose()


def test_a_wrong_password_is_a_matter_for_a_person_and_stays_secret(mariadb_url: str) -> None:
    engine = build_engine(mariadb_url.replace("root", "root:hunter2"))
    with pytest.raises(Misconfigured, match="1045") as refusal, transaction(engine):
        pass
    assert "hunter2" not in str(refusal.value)


def test_a_server_that_is_not_there_is_worth_another_try() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        engine = build_engine(f"mysql+pymysql://u@127.0.0.1:{taken.getsockname()[1]}/db")
        with pytest.raises(Unavailable), transaction(engine):
            pass


def test_a_server_that_accepts_and_says_nothing_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        engine = build_engine(f"mysql+pymysql://u@127.0.0.1:{silent.getsockname()[1]}/db", statement_timeout=1)
        with pytest.raises(Unavailable), transaction(engine):
            pass


def test_a_row_the_table_refuses_is_not_tried_again_and_not_quoted(database: Engine) -> None:
    with pytest.raises(Refused) as refusal, transaction(database) as connection:
        connection.execute(insert(wb_orders).values(marketplace_account_id=1, external_order_id=None, office="Тайна"))
    assert "Тайна" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_bad_json_is_not_tried_again_though_its_error_class_is_that_of_a_deadlock(mariadb_migrated: Engine) -> None:
    statement = "INSERT INTO wb_orders (marketplace_account_id, external_order_id, raw_payload) VALUES (1, '1', '{')"
    with pytest.raises(Refused, match="4025"), transaction(mariadb_migrated) as connection:
        connection.execute(text(statement))


@pytest.fixture
def impatient(database: Engine) -> Iterator[Engine]:
    """The same database, waiting one second for a lock instead of fifteen."""
    engine = build_engine(database.url.render_as_string(hide_password=False))

    @event.listens_for(engine, "connect")
    def hurry(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        sqlite = database.dialect.name == "sqlite"
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 1000" if sqlite else "SET innodb_lock_wait_timeout = 1")
        cursor.close()

    yield engine
    engine.dispose()


def test_a_lock_held_too_long_is_worth_another_try(database: Engine, impatient: Engine) -> None:
    with transaction(database) as holder:
        holder.execute(insert(api_budgets).values(budget_key="k", tat=0))
        with pytest.raises(Unavailable), transaction(impatient) as waiter:
            waiter.execute(insert(api_budgets).values(budget_key="k", tat=1))


def test_reading_waits_for_no_writer(database: Engine, impatient: Engine) -> None:
    with transaction(database) as writer:
        writer.execute(insert(api_budgets).values(budget_key="k", tat=0))
        with reading(impatient) as reader:
            assert reader.execute(select(api_budgets)).all() == []


def test_a_read_that_turns_into_a_write_waits_instead_of_failing(database: Engine) -> None:
    with transaction(database) as connection:
        connection.execute(insert(api_budgets).values(budget_key="k", tat=0))

    def count_up() -> None:
        for _ in range(20):
            with transaction(database) as connection:
                tat = connection.execute(select(api_budgets.c.tat).with_for_update()).scalar_one()
                connection.execute(update(api_budgets).values(tat=tat + 1))

    with ThreadPoolExecutor(4) as threads:
        for counted in [threads.submit(count_up) for _ in range(4)]:
            counted.result()
    with reading(database) as connection:
        assert connection.execute(select(api_budgets.c.tat)).scalar_one() == 80


def test_a_deadlock_is_worth_another_try(mariadb_migrated: Engine) -> None:
    with transaction(mariadb_migrated) as connection:
        connection.execute(insert(api_budgets), [{"budget_key": "a"}, {"budget_key": "b"}])
    both_hold_one = threading.Barrier(2, timeout=PATIENCE)

    def cross(first: str, second: str) -> str:
        try:
            with transaction(mariadb_migrated) as connection:
                connection.execute(update(api_budgets).where(api_budgets.c.budget_key == first).values(tat=1))
                both_hold_one.wait()
                connection.execute(update(api_budgets).where(api_budgets.c.budget_key == second).values(tat=1))
        except Unavailable:
            return "unavailable"
        return "committed"

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(cross, "ab", "ba"))
    with transaction(mariadb_migrated) as connection:
        connection.execute(delete(api_budgets))
    assert outcomes == ["committed", "unavailable"]


def test_a_connection_that_the_server_closed_is_replaced(mariadb_url: str) -> None:
    engine = build_engine(mariadb_url)
    with transaction(engine) as connection:
        mine = connection.execute(text("SELECT CONNECTION_ID()")).scalar_one()
    other = build_engine(mariadb_url)
    with transaction(other) as connection:
        connection.execute(text(f"KILL {mine}"))
    with transaction(engine) as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()
    other.dispose()


def test_a_server_that_goes_away_inside_a_transaction_is_worth_another_try(mariadb_url: str) -> None:
    engine = build_engine(mariadb_url)

    def die_midway() -> None:
        with transaction(engine) as connection, transaction(engine) as killer:
            mine = connection.execute(text("SELECT CONNECTION_ID()")).scalar_one()
            killer.execute(text(f"KILL {mine}"))
            connection.execute(text("SELECT 1"))

    with pytest.raises(Unavailable):
        die_midway()
    engine.dispose()


def test_a_naive_datetime_is_refused_and_an_aware_one_comes_back_in_utc(database: Engine) -> None:
    row = {"marketplace": "wb", "marketplace_account_id": 1, "external_order_id": "1", "event": "created", "status": ""}
    naive = datetime(2026, 11, 24, 12, 0)  # noqa: DTZ001 - that is the point
    with pytest.raises(StatementError, match="naive"), transaction(database) as connection:
        connection.execute(insert(order_events).values(**row, read_at=naive, created_at=naive))
    tashkent = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=5)))
    with transaction(database) as connection:
        connection.execute(insert(order_events).values(**row, read_at=tashkent, created_at=tashkent))
    with reading(database) as connection:
        stored = connection.execute(select(order_events.c.read_at)).scalar_one()
    assert stored == tashkent
    assert stored.tzinfo is UTC


def test_order_ids_that_differ_only_in_case_are_two_orders(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        for order_id in ("A1", "a1"):
            connection.execute(insert(wb_orders).values(marketplace_account_id=account_id, external_order_id=order_id))
    with reading(database) as connection:
        found = connection.execute(select(wb_orders.c.id).where(wb_orders.c.external_order_id == "a1")).all()
    assert len(found) == 1
