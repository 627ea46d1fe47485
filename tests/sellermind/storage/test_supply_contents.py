from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, Row, Table, select, update

from sellermind.models.orders import OrderFacts, OrderList, Stored
from sellermind.models.supplies import SupplyContents, SupplyFacts, SupplyPage
from sellermind.storage import orders, supplies, supply_contents
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.orders import order_events, wb_orders
from sellermind.storage.tables.supplies import supplies as supplies_table
from sellermind.storage.tables.supplies import tares

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def seller(database: Engine, account_id: int) -> int:
    """The account, with the orders 1, 2 and 3 at 100 roubles each, and the open supplies A and B."""
    listed = tuple(OrderFacts(external_order_id=str(number), total_amount=Decimal(100)) for number in (1, 2, 3))
    page = tuple(SupplyFacts(external_supply_id=name) for name in "AB")
    with transaction(database) as connection:
        before = NOW - timedelta(hours=1)
        orders.store_wildberries(connection, account_id, OrderList(orders=listed, set_aside=(), read_at=before))
        supplies.store(
            connection, account_id, SupplyPage(supplies=page, set_aside=(), read_at=before, next=None), "run"
        )
    return account_id


def _contents(supply_id: str, read_at: datetime, external_ids: str) -> SupplyContents:
    ids = tuple(external_ids.split())
    return SupplyContents(external_supply_id=supply_id, external_ids=ids, set_aside=(), read_at=read_at)


def _link(engine: Engine, account_id: int, supply_id: str, read_at: datetime, order_ids: str) -> Stored:
    with transaction(engine) as connection:
        return supply_contents.link_orders(connection, account_id, _contents(supply_id, read_at, order_ids))


def _links(engine: Engine) -> dict[str, str | None]:
    with reading(engine) as connection:
        found = connection.execute(select(wb_orders.c.external_order_id, wb_orders.c.supply_id))
        return {row.external_order_id: row.supply_id for row in found}


def _rows(engine: Engine, table: Table) -> list[Row[*tuple[Any, ...]]]:
    with reading(engine) as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def test_the_orders_of_a_supply_are_linked_to_it_and_summed_up(database: Engine, seller: int) -> None:
    assert _link(database, seller, "A", NOW, "1 2") == Stored(changed=2)
    assert _links(database) == {"1": "A", "2": "A", "3": None}
    supply = _rows(database, supplies_table)[0]
    assert (supply.orders_count, supply.total_amount, supply.orders_read_at) == (2, Decimal(200), NOW)
    events = [each for each in _rows(database, order_events) if each.event == "changed"]
    assert [(each.external_order_id, each.read_at) for each in events] == [("1", NOW), ("2", NOW)]


def test_a_list_that_says_nothing_new_changes_nothing(database: Engine, seller: int) -> None:
    _link(database, seller, "A", NOW, "1 2")
    before = _rows(database, order_events)
    assert _link(database, seller, "A", NOW + MINUTE, "1 2") == Stored()
    assert _rows(database, order_events) == before


def test_an_order_that_its_supplys_list_lacks_has_left_it(database: Engine, seller: int) -> None:
    _link(database, seller, "A", NOW, "1 2")
    assert _link(database, seller, "A", NOW + MINUTE, "1") == Stored(changed=1)
    assert _links(database) == {"1": "A", "2": None, "3": None}


def test_an_order_that_moved_to_another_supply_is_linked_to_that_one(database: Engine, seller: int) -> None:
    _link(database, seller, "A", NOW, "1 2")
    _link(database, seller, "B", NOW + MINUTE, "2")
    _link(database, seller, "A", NOW + 2 * MINUTE, "1")
    assert _links(database) == {"1": "A", "2": "B", "3": None}


def test_an_empty_list_frees_cancelled_orders_only(database: Engine, seller: int) -> None:
    """It may be a fault; an order that really moved shows up in another supply's list."""
    _link(database, seller, "A", NOW, "1 2")
    with transaction(database) as connection:
        connection.execute(update(wb_orders).where(wb_orders.c.external_order_id == "2").values(status="cancelled"))
    assert _link(database, seller, "A", NOW + MINUTE, "") == Stored(changed=1)
    assert _links(database) == {"1": "A", "2": None, "3": None}


def test_the_newest_list_wins_also_when_the_answers_arrive_in_the_wrong_order(database: Engine, seller: int) -> None:
    _link(database, seller, "B", NOW + MINUTE, "1")
    assert _link(database, seller, "A", NOW, "1 2").changed == 1
    assert _links(database) == {"1": "B", "2": "A", "3": None}
    assert _link(database, seller, "B", NOW, "2") == Stored()
    assert _links(database) == {"1": "B", "2": "A", "3": None}
    assert _rows(database, supplies_table)[1].orders_count == 1


def test_a_late_list_does_not_bring_back_an_order_that_has_left(database: Engine, seller: int) -> None:
    _link(database, seller, "A", NOW, "1 2")
    _link(database, seller, "A", NOW + 2 * MINUTE, "1")
    _link(database, seller, "A", NOW + MINUTE, "1 2")
    assert _links(database)["2"] is None


def test_orders_that_we_do_not_have_yet_are_counted(database: Engine, seller: int) -> None:
    assert _link(database, seller, "A", NOW, "1 98 99") == Stored(changed=1, unknown=2)
    assert len(_rows(database, wb_orders)) == 3
    assert _rows(database, supplies_table)[0].orders_unknown == 2
    assert _link(database, seller, "A", NOW + MINUTE, "1").unknown == 0
    assert _rows(database, supplies_table)[0].orders_unknown == 0


def _boxes(engine: Engine, account_id: int, read_at: datetime, boxes: str) -> Stored:
    with transaction(engine) as connection:
        return supply_contents.store_boxes(connection, account_id, _contents("A", read_at, boxes))


def test_the_boxes_of_a_supply_are_stored_once(database: Engine, seller: int) -> None:
    assert _boxes(database, seller, NOW, "WB-TRBX-1 WB-TRBX-2") == Stored(created=2)
    assert _boxes(database, seller, NOW + MINUTE, "WB-TRBX-1 WB-TRBX-2 WB-TRBX-3") == Stored(created=1)
    found = _rows(database, tares)
    assert [box.external_tare_id for box in found] == ["WB-TRBX-1", "WB-TRBX-2", "WB-TRBX-3"]
    assert _rows(database, supplies_table)[0].boxes_count == 3


def test_a_box_that_is_no_longer_listed_is_marked_until_it_is_listed_again(database: Engine, seller: int) -> None:
    _boxes(database, seller, NOW, "1 2")
    _boxes(database, seller, NOW + MINUTE, "1")
    assert [box.missing_since is None for box in _rows(database, tares)] == [True, False]
    assert _rows(database, supplies_table)[0].boxes_count == 1
    _boxes(database, seller, NOW + 2 * MINUTE, "1 2")
    assert [box.missing_since for box in _rows(database, tares)] == [None, None]


def test_a_late_list_of_boxes_changes_nothing(database: Engine, seller: int) -> None:
    _boxes(database, seller, NOW + MINUTE, "1")
    assert _boxes(database, seller, NOW, "1 2") == Stored()
    assert _rows(database, supplies_table)[0].boxes_count == 1
