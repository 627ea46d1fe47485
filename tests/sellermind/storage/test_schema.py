import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, insert, inspect, select, text

from sellermind.errors import Misconfigured
from sellermind.storage import schema
from sellermind.storage.engine import build_engine
from sellermind.storage.tables.columns import METADATA, MINOR_UNITS
from sellermind.storage.tables.orders import wb_order_items, wb_orders
from tests.sellermind.storage import original


def test_an_empty_database_gets_every_table(database: Engine) -> None:
    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_upgrading_again_changes_nothing(database: Engine) -> None:
    assert schema.upgrade(database) == schema.upgrade(database)
    schema.check(database)


def test_a_database_without_our_tables_is_refused_with_the_remedy(database_url: str) -> None:
    engine = build_engine(database_url)
    with pytest.raises(Misconfigured, match=r"revision none.*sellermind db upgrade"):
        schema.check(engine)
    engine.dispose()


def test_a_database_of_newer_code_is_neither_used_nor_upgraded(database_url: str) -> None:
    engine = build_engine(database_url)
    schema.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for use in (schema.check, schema.upgrade):
        with pytest.raises(Misconfigured, match=r"9999.*deploy the newer code"):
            use(engine)
    engine.dispose()


UPGRADE = "import sys; from sellermind.storage import engine, schema; schema.upgrade(engine.build_engine(sys.argv[1]))"


def test_two_processes_may_upgrade_at_once(database_url: str) -> None:
    processes = [subprocess.Popen([sys.executable, "-c", UPGRADE, database_url]) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    engine = build_engine(database_url)
    schema.check(engine)
    engine.dispose()


def test_a_sqlite_file_lets_readers_and_a_writer_work_side_by_side(sqlite_migrated: Engine) -> None:
    with sqlite_migrated.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"


def test_a_sellermind_database_is_adopted_without_touching_a_row(database_url: str) -> None:
    engine = build_engine(database_url)
    original.install(engine)
    with engine.connect() as connection:
        before = [connection.execute(select(table)).all() for table in original.ORIGINAL.sorted_tables]
    schema.upgrade(engine)
    with engine.connect() as connection:
        assert [connection.execute(select(table)).all() for table in original.ORIGINAL.sorted_tables] == before
        added = connection.execute(select(wb_orders.c.stock_status, wb_orders.c.rid, wb_orders.c.is_b2b)).one()
    assert added == ("none", None, False)
    engine.dispose()


def test_adoption_adds_the_missing_unique_key_and_no_second_one(database_url: str) -> None:
    engine = build_engine(database_url)
    original.install(engine)
    schema.upgrade(engine)
    inspector = inspect(engine)
    assert _unique_keys(inspector, "wb_order_items") == {("wb_order_id", "external_offer_id")}
    assert _unique_keys(inspector, "wb_orders") == {("marketplace_account_id", "external_order_id")}
    engine.dispose()


def _unique_keys(inspector: object, table: str) -> set[tuple[str, ...]]:
    keys = [*inspector.get_unique_constraints(table), *(i for i in inspector.get_indexes(table) if i["unique"])]  # type: ignore[attr-defined]
    return {tuple(key["column_names"]) for key in keys}


def test_adoption_makes_room_for_prices_above_an_int(mariadb_url: str) -> None:
    engine = build_engine(mariadb_url)
    original.install(engine)
    schema.upgrade(engine)
    price = next(column for column in inspect(engine).get_columns("wb_orders") if column["name"] == "price")
    assert isinstance(price["type"], type(MINOR_UNITS))
    assert price["comment"] == "Price in kopecks"
    engine.dispose()


def test_duplicates_that_break_a_unique_key_stop_the_adoption_before_any_change(database_url: str) -> None:
    engine = build_engine(database_url)
    original.install(engine)
    with engine.begin() as connection:
        connection.execute(insert(original.items).values(id=2, wb_order_id=9, external_offer_id="42"))
    before = _columns(engine)
    with pytest.raises(Misconfigured, match=r"wb_order_items has several rows.*GROUP BY.*nothing was changed"):
        schema.upgrade(engine)
    assert _columns(engine) == before
    with engine.begin() as connection:
        connection.execute(original.items.delete().where(original.items.c.id == 2))
    schema.upgrade(engine)
    schema.check(engine)
    engine.dispose()


def _columns(engine: Engine) -> dict[str, list[str]]:
    inspector = inspect(engine)
    ours = [name for name in inspector.get_table_names() if name != "alembic_version"]
    return {name: [column["name"] for column in inspector.get_columns(name)] for name in ours}


def test_an_upgrade_that_was_cut_off_goes_on_where_it_was(database_url: str) -> None:
    engine = build_engine(database_url)
    with engine.begin() as connection:
        METADATA.tables["marketplace_accounts"].create(connection)
        METADATA.tables["api_budgets"].create(connection)
    schema.upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_every_column_can_be_added_to_a_table_that_has_rows() -> None:
    """SQLite and strict MySQL both need a default for a NOT NULL column that comes later."""
    always_there = {"id", "company_id", "marketplace", "credentials", "marketplace_account_id", "external_order_id"}
    late = {
        f"{table.name}.{column.name}"
        for table in (METADATA.tables["marketplace_accounts"], wb_orders, wb_order_items)
        for column in table.columns
        if not column.nullable and column.server_default is None and column.name not in always_there
    }
    assert late == {"wb_order_items.wb_order_id"}
