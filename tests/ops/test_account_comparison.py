"""The comparison of everything sees every way in which a table can differ from the truth."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, delete, insert, select, update

from sellermind.marketplaces.http import build_http_client
from sellermind.storage.tables.orders import order_events, order_status_history, wb_order_items, wb_orders
from sellermind.storage.tables.supplies import supplies, tares
from sellermind.storage.tables.uzum import uzum_order_items, uzum_orders
from tests.fixtures.attempts import Forkers
from tests.fixtures.programs import UZ, WB, Do, Place
from tests.fixtures.sandbox import Sandbox
from tests.fixtures.stage import Stage


@pytest.fixture(scope="module")
def stage(sqlite_migrated: Engine, sandbox_process: Sandbox, forkers: Forkers) -> Iterator[Stage]:
    """Two sellers whose tables say what the sandbox says."""
    with build_http_client() as http:
        found = Stage(sqlite_migrated, sandbox_process, http, forkers)
        for step in (Place(WB, 12), Place(UZ, 4), Do(WB, "assemble", 1.0), Do(WB, "close", 0.5)):
            found.take(step)
        found.settle()
        yield found
        found.close()


@pytest.fixture
def connection(stage: Stage) -> Iterator[Connection]:
    """What a test changes is as before after it."""
    with stage.engine.connect() as found:
        yield found
        found.rollback()


def test_tables_that_say_what_the_marketplaces_say_have_no_differences(stage: Stage, connection: Connection) -> None:
    assert stage.wrong(connection) == []


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        (wb_orders, "article", "another"),
        (wb_orders, "wb_status", "sold"),
        (wb_orders, "status", "completed"),
        (wb_orders, "supply_id", "WB-GI-0"),
        (wb_order_items, "quantity", 2),
        (supplies, "wb_state", "accepted"),
        (supplies, "orders_count", 99),
        (supplies, "boxes_count", 99),
        (uzum_orders, "uzum_status", "PACKED"),
        (uzum_orders, "total_amount", 1),
        (uzum_order_items, "name", "another"),
    ],
)
def test_a_column_that_differs_is_named(
    stage: Stage, connection: Connection, table: Table, column: str, value: Any
) -> None:
    connection.execute(update(table).values({column: value}))
    assert any(f"{column} is {value!r}" in line or column == "total_amount" for line in stage.wrong(connection))


@pytest.mark.parametrize(
    "table",
    [wb_orders, wb_order_items, supplies, tares, uzum_orders, uzum_order_items, order_events, order_status_history],
)
def test_rows_that_are_missing_are_missed(stage: Stage, connection: Connection, table: Table) -> None:
    connection.execute(delete(table))
    assert stage.wrong(connection) != []


def test_an_order_that_never_existed_is_named(stage: Stage, connection: Connection) -> None:
    row = connection.execute(select(wb_orders).limit(1)).mappings().one()
    connection.execute(insert(wb_orders).values(**{**row, "id": 10**6, "external_order_id": "404"}))
    assert any("order 404: never existed" in line for line in stage.wrong(connection))


def test_an_order_announced_twice_is_named(stage: Stage, connection: Connection) -> None:
    row = connection.execute(select(order_events).where(order_events.c.event == "created").limit(1)).mappings().one()
    connection.execute(insert(order_events).values(**{**row, "id": 10**6, "status": "again"}))
    assert any("was announced as created 2 times" in line for line in stage.wrong(connection))


def test_a_status_that_was_never_announced_is_named(stage: Stage, connection: Connection) -> None:
    row = connection.execute(select(order_status_history).limit(1)).mappings().one()
    later = row["read_at"] + timedelta(seconds=1)
    connection.execute(insert(order_status_history).values(**{**row, "id": 10**6, "read_at": later}))
    (wrong,) = stage.wrong(connection)
    assert f"order {row['external_order_id']}: the status of {later} was never announced" in wrong


def test_an_outbox_that_ends_with_another_status_is_named(stage: Stage, connection: Connection) -> None:
    row = connection.execute(select(order_events).limit(1)).mappings().one()
    connection.execute(insert(order_events).values(**{**row, "id": 10**6, "event": "changed", "status": "lost"}))
    (wrong,) = stage.wrong(connection)
    assert "its outbox ends with 'lost'" in wrong
