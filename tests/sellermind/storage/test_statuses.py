from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, Row, Table, insert, select, update

from sellermind.errors import RecordGone
from sellermind.models.orders import OpenOrders, OrderFacts, OrderList, OrderStatus, StatusList, Stored
from sellermind.storage import orders, statuses
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.orders import order_events, order_status_history, wb_orders
from sellermind.storage.tables.supplies import supplies

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def three_orders(database: Engine, account_id: int) -> int:
    """The account, with the orders 1, 2 and 3 as /orders/new shows them."""
    listed = tuple(OrderFacts(external_order_id=str(number), nm_id=number) for number in (1, 2, 3))
    with transaction(database) as connection:
        orders.store_wildberries(
            connection, account_id, OrderList(orders=listed, set_aside=(), read_at=NOW - timedelta(hours=1))
        )
    return account_id


def _read(engine: Engine, account_id: int, read_at: datetime, **words: tuple[str, str]) -> Stored:
    """Store an answer; `o1=("confirm", "waiting")` is order 1."""
    found = tuple(
        OrderStatus(external_order_id=name[1:], supplier_status=supplier, wb_status=wb)
        for name, (supplier, wb) in words.items()
    )
    with transaction(engine) as connection:
        answer = StatusList(statuses=found, set_aside=(), read_at=read_at)
        return statuses.store_wildberries(connection, account_id, answer)


def _order(engine: Engine, order_id: str = "1") -> Row[*tuple[Any, ...]]:
    with reading(engine) as connection:
        return connection.execute(select(wb_orders).where(wb_orders.c.external_order_id == order_id)).one()


def _rows(engine: Engine, table: Table) -> list[Row[*tuple[Any, ...]]]:
    with reading(engine) as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def test_a_status_is_written_with_what_it_means_its_history_and_its_event(database: Engine, three_orders: int) -> None:
    assert _read(database, three_orders, NOW, o1=("confirm", "waiting")) == Stored(changed=1)
    row = _order(database)
    assert (row.wb_supplier_status, row.wb_status) == ("confirm", "waiting")
    assert (row.status, row.status_normalized, row.wb_status_group) == ("in_assembly", "in_assembly", "assembling")
    [history] = _rows(database, order_status_history)
    assert (history.marketplace, history.external_order_id, history.status) == ("wb", "1", "in_assembly")
    assert (history.supplier_status, history.marketplace_status, history.read_at) == ("confirm", "waiting", NOW)
    event = _rows(database, order_events)[-1]
    assert (event.event, event.external_order_id, event.status, event.read_at) == ("changed", "1", "in_assembly", NOW)


def test_the_product_facts_of_an_order_are_none_of_a_status_readings_business(
    database: Engine, three_orders: int
) -> None:
    _read(database, three_orders, NOW, o1=("complete", "sold"))
    row = _order(database)
    assert (row.nm_id, row.external_order_id, row.stock_status) == (1, "1", "none")


def test_an_unchanged_status_makes_no_history_and_no_event(database: Engine, three_orders: int) -> None:
    _read(database, three_orders, NOW, o1=("confirm", "waiting"))
    before = [_rows(database, table) for table in (order_status_history, order_events)]
    written = _order(database).updated_at
    assert _read(database, three_orders, NOW + MINUTE, o1=("confirm", "waiting")) == Stored()
    assert [_rows(database, table) for table in (order_status_history, order_events)] == before
    assert _order(database).updated_at == written


def test_an_order_that_the_answer_omits_stays_as_it_was(database: Engine, three_orders: int) -> None:
    _read(database, three_orders, NOW, o1=("confirm", "waiting"), o2=("confirm", "waiting"))
    before = _order(database, "2")
    _read(database, three_orders, NOW + MINUTE, o1=("complete", "sorted"))
    assert _order(database, "2") == before


def test_a_status_may_go_back(database: Engine, three_orders: int) -> None:
    _read(database, three_orders, NOW, o1=("complete", "sorted"))
    assert _read(database, three_orders, NOW + MINUTE, o1=("confirm", "waiting")).changed == 1
    assert _order(database).status == "in_assembly"
    assert [each.status for each in _rows(database, order_status_history)] == ["in_delivery", "in_assembly"]


def test_the_newest_reading_wins_also_when_the_answers_arrive_in_the_wrong_order(
    database: Engine, three_orders: int
) -> None:
    _read(database, three_orders, NOW + MINUTE, o1=("complete", "sorted"))
    assert _read(database, three_orders, NOW, o1=("confirm", "waiting")) == Stored()
    assert _order(database).status == "in_delivery"


def test_a_late_answer_loses_to_a_newer_one_that_said_nothing_new(database: Engine, three_orders: int) -> None:
    _read(database, three_orders, NOW, o1=("confirm", "waiting"))
    _read(database, three_orders, NOW + 2 * MINUTE, o1=("confirm", "waiting"))
    assert _read(database, three_orders, NOW + MINUTE, o1=("complete", "sorted")) == Stored()
    assert _order(database).status == "in_assembly"


def test_the_same_answer_stored_twice_changes_nothing(database: Engine, three_orders: int) -> None:
    _read(database, three_orders, NOW, o1=("confirm", "waiting"))
    before = [_rows(database, table) for table in (wb_orders, order_status_history, order_events)]
    assert _read(database, three_orders, NOW, o1=("confirm", "waiting")) == Stored()
    assert [_rows(database, table) for table in (wb_orders, order_status_history, order_events)] == before


def test_a_status_that_we_do_not_know_is_kept_and_counted(database: Engine, three_orders: int) -> None:
    assert _read(database, three_orders, NOW, o1=("complete", "teleported")) == Stored(changed=1, unknown=1)
    row = _order(database)
    assert (row.wb_status, row.status, row.wb_status_group) == ("teleported", "unknown", "unknown")
    assert _read(database, three_orders, NOW + MINUTE, o1=("complete", "teleported")) == Stored(unknown=1)


def test_a_status_of_an_order_that_we_do_not_have_makes_no_row(database: Engine, three_orders: int) -> None:
    assert _read(database, three_orders, NOW, o99=("confirm", "waiting")) == Stored()
    assert len(_rows(database, wb_orders)) == 3


def test_statuses_of_a_removed_account_are_not_stored(database: Engine) -> None:
    with pytest.raises(RecordGone):
        _read(database, 404, NOW, o1=("confirm", "waiting"))


def _put_into_supply(engine: Engine, account_id: int, wb_state: str, read_at: datetime = NOW) -> None:
    with transaction(engine) as connection:
        values = {"external_supply_id": "WB-GI-1", "name": "S", "wb_state": wb_state}
        connection.execute(insert(supplies).values(marketplace_account_id=account_id, **values))
        connection.execute(update(wb_orders).values(supply_id="WB-GI-1", supply_read_at=read_at))


@pytest.mark.parametrize("words", [("cancel", "canceled"), ("new", "declined_by_client")])
def test_an_order_cancelled_while_its_supply_is_open_has_left_it(
    database: Engine, three_orders: int, words: tuple[str, str]
) -> None:
    _put_into_supply(database, three_orders, "open")
    _read(database, three_orders, NOW + MINUTE, o1=words, o2=("confirm", "waiting"))
    assert (_order(database, "1").supply_id, _order(database, "2").supply_id) == (None, "WB-GI-1")


@pytest.mark.parametrize("wb_state", ["closed", "accepted"])
def test_an_order_cancelled_after_its_supply_was_handed_over_stays_in_it(
    database: Engine, three_orders: int, wb_state: str
) -> None:
    _put_into_supply(database, three_orders, wb_state)
    _read(database, three_orders, NOW + MINUTE, o1=("complete", "canceled_by_client"))
    assert _order(database).supply_id == "WB-GI-1"


def test_a_link_read_later_than_the_cancellation_is_kept(database: Engine, three_orders: int) -> None:
    _put_into_supply(database, three_orders, "open", read_at=NOW + 2 * MINUTE)
    _read(database, three_orders, NOW + MINUTE, o1=("cancel", "canceled"))
    assert _order(database).supply_id == "WB-GI-1"


def _open(engine: Engine, account_id: int, after: int = 0, limit: int = 1000) -> OpenOrders:
    with reading(engine) as connection:
        return statuses.open_wildberries(connection, account_id, after, limit)


def test_open_orders_are_those_that_have_not_ended(database: Engine, three_orders: int) -> None:
    _read(database, three_orders, NOW, o1=("complete", "sold"), o2=("cancel", "canceled"), o3=("x", "y"))
    assert _open(database, three_orders).order_ids == (3,)


def test_an_order_without_a_status_is_open(database: Engine, three_orders: int) -> None:
    with transaction(database) as connection:
        connection.execute(update(wb_orders).values(status=None))
    assert _open(database, three_orders).order_ids == (1, 2, 3)


def test_no_open_order_is_skipped_when_the_poll_itself_ends_some(database: Engine, three_orders: int) -> None:
    """The original paged by offset over the very rows that it was closing."""
    first = _open(database, three_orders, limit=2)
    _read(database, three_orders, NOW, o1=("complete", "sold"), o2=("complete", "sold"))
    assert first.last_row_id is not None
    second = _open(database, three_orders, first.last_row_id, limit=2)
    assert (first.order_ids, second.order_ids, second.last_row_id) == ((1, 2), (3,), None)


def test_an_id_that_is_no_number_does_not_spoil_its_chunk(database: Engine, three_orders: int) -> None:
    with transaction(database) as connection:
        connection.execute(
            update(wb_orders).where(wb_orders.c.external_order_id == "2").values(external_order_id="srid-1")
        )
    assert _open(database, three_orders).order_ids == (1, 3)


def test_orders_of_other_accounts_are_not_listed(database: Engine, three_orders: int) -> None:
    assert _open(database, three_orders + 1) == OpenOrders()
