from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, Row, Table, select, update

from sellermind.errors import RecordGone
from sellermind.models.accounts import Marketplace
from sellermind.models.orders import OrderFacts, OrderList, OrderStatus, StatusList, Stored
from sellermind.storage import accounts, orders, schema
from sellermind.storage.engine import build_engine, reading, transaction
from sellermind.storage.tables.orders import order_events, order_status_history, wb_order_items, wb_orders
from tests.sellermind.storage import original

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


def _order(order_id: str = "100", **changes: Any) -> OrderFacts:
    facts: dict[str, Any] = {
        "rid": "r-100",
        "nm_id": 42,
        "chrt_id": 43,
        "article": "чашка-1",
        "sku": "2000000000042",
        "warehouse_id": 507,
        "total_amount": Decimal("1999.00"),
        "price": 199_900,
        "currency_code": 643,
        "ordered_at": NOW - timedelta(hours=1),
        "raw_payload": {"id": 100, "comment": "Позвоните 😀"},
    }
    return OrderFacts(external_order_id=order_id, **facts | changes)


def _store(engine: Engine, account_id: int, *listed: OrderFacts, read_at: datetime = NOW) -> Stored:
    with transaction(engine) as connection:
        answer = OrderList(orders=listed, set_aside=(), read_at=read_at)
        return orders.store_wildberries(connection, account_id, answer)


def _rows(engine: Engine, table: Table) -> list[Row[*tuple[Any, ...]]]:
    with reading(engine) as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def test_a_new_order_is_stored_with_its_item_and_its_event(database: Engine, account_id: int) -> None:
    assert _store(database, account_id, _order()) == Stored(created=1)
    [row], [item], [event] = (_rows(database, table) for table in (wb_orders, wb_order_items, order_events))
    assert (row.marketplace_account_id, row.external_order_id, row.nm_id, row.price) == (account_id, "100", 42, 199_900)
    assert (row.status, row.status_normalized, row.wb_status_group, row.stock_status) == ("new", "new", "new", "none")
    assert (row.total_amount, row.ordered_at) == (Decimal("1999.00"), NOW - timedelta(hours=1))
    assert row.raw_payload == {"id": 100, "comment": "Позвоните 😀"}
    assert (item.wb_order_id, item.external_offer_id, item.name, item.quantity) == (row.id, "42", "чашка-1", 1)
    assert (item.price, item.total_price) == (Decimal("1999.00"), Decimal("1999.00"))
    assert (event.marketplace, event.external_order_id, event.event, event.status) == ("wb", "100", "created", "new")
    assert event.read_at == NOW


@pytest.mark.parametrize(
    "comment",
    [
        "', NULL); DROP TABLE wb_orders; -- ",
        "\\' OR 1=1 -- ",
        "\\\\'",
        '"\\"',
        "\x00\x1a\n\r\t",
        "%s %(a)s %%",
        "\u2028 😀 _%",
    ],
)
def test_what_a_buyer_wrote_comes_back_letter_by_letter(database: Engine, account_id: int, comment: str) -> None:
    payload = {"id": 100, "comment": comment, comment: [comment]}
    assert _store(database, account_id, _order(raw_payload=payload), _order("101")) == Stored(created=2)
    assert _rows(database, wb_orders)[0].raw_payload == payload


def test_a_page_and_its_statuses_are_one_writing_for_new_orders_and_a_change_for_the_others(
    database: Engine, account_id: int
) -> None:
    _store(database, account_id, _order("1"))
    said = {"1": ("confirm", "waiting"), "2": ("cancel", "canceled"), "3": ("teleported", "waiting")}
    asked = StatusList(
        statuses=tuple(
            OrderStatus(external_order_id=each, supplier_status=supplier, wb_status=word)
            for each, (supplier, word) in said.items()
        ),
        set_aside=(),
        read_at=LATER,
    )
    listed = OrderList(orders=tuple(_order(each) for each in "1234"), set_aside=(), read_at=NOW)
    with transaction(database) as connection:
        stored = orders.store_wildberries(connection, account_id, listed, asked)
    assert stored == Stored(created=3, unknown=1)
    rows = {row.external_order_id: row for row in _rows(database, wb_orders)}
    assert [rows[each].status for each in "1234"] == ["in_assembly", "cancelled", "unknown", "new"]
    assert [rows[each].status_read_at for each in "1234"] == [LATER, LATER, LATER, None]
    assert [rows[each].supply_read_at for each in "1234"] == [None, LATER, None, None]
    events = [(each.external_order_id, each.event, each.status) for each in _rows(database, order_events)]
    assert sorted(events) == [
        ("1", "changed", "in_assembly"),
        ("1", "created", "new"),
        ("2", "created", "cancelled"),
        ("3", "created", "unknown"),
        ("4", "created", "new"),
    ]
    assert sorted(each.external_order_id for each in _rows(database, order_status_history)) == ["1", "2", "3"]


def test_an_order_that_says_nothing_new_is_not_written(database: Engine, account_id: int) -> None:
    _store(database, account_id, _order())
    before = [_rows(database, table) for table in (wb_orders, wb_order_items, order_events)]
    assert _store(database, account_id, _order(), read_at=LATER) == Stored()
    assert [_rows(database, table) for table in (wb_orders, wb_order_items, order_events)] == before


def test_a_changed_order_keeps_its_row_its_item_and_all_that_other_sources_own(
    database: Engine, account_id: int
) -> None:
    _store(database, account_id, _order())
    [before], [item] = _rows(database, wb_orders), _rows(database, wb_order_items)
    owned_by_others = {
        "status": "in_assembly",
        "status_normalized": "in_assembly",
        "wb_status": "waiting",
        "wb_supplier_status": "confirm",
        "wb_status_group": "assembling",
        "supply_id": "WB-GI-1",
        "stock_status": "reserved",
        "customer_name": "Анна",
    }
    with transaction(database) as connection:
        connection.execute(update(wb_orders).values(**owned_by_others))
    changed = _order(scan_price=150_000, total_amount=Decimal("1500.00"))
    assert _store(database, account_id, changed, read_at=LATER) == Stored(changed=1)
    [after], [same_item] = _rows(database, wb_orders), _rows(database, wb_order_items)
    assert {name: getattr(after, name) for name in owned_by_others} == owned_by_others
    assert (after.id, after.created_at, after.scan_price) == (before.id, before.created_at, 150_000)
    assert (same_item.id, same_item.price) == (item.id, Decimal("1500.00"))
    event = _rows(database, order_events)[-1]
    assert (event.event, event.status, event.read_at) == ("changed", "in_assembly", LATER)


def test_an_order_that_a_listing_omits_is_left_as_it_is(database: Engine, account_id: int) -> None:
    _store(database, account_id, _order("1"), _order("2"))
    before = _rows(database, wb_orders)
    assert _store(database, account_id, read_at=LATER) == Stored()
    assert _rows(database, wb_orders) == before


def test_a_row_that_fits_no_column_is_set_aside_and_the_page_goes_on(database: Engine, account_id: int) -> None:
    stored = _store(database, account_id, _order("1"), _order("2", article="x" * 256), _order("3", price=2**63))
    assert stored.created == 1
    assert [(row.external_id, row.reason) for row in stored.set_aside] == [
        ("2", "article does not fit its column"),
        ("3", "price does not fit its column"),
    ]
    assert [row.external_order_id for row in _rows(database, wb_orders)] == ["1"]


def test_an_order_shown_twice_in_one_answer_is_stored_once_as_shown_last(database: Engine, account_id: int) -> None:
    assert _store(database, account_id, _order(), _order(office="Москва")).created == 1
    [row] = _rows(database, wb_orders)
    assert row.office == "Москва"


def test_the_same_page_stored_twice_leaves_one_of_everything(database: Engine, account_id: int) -> None:
    for _ in range(2):
        _store(database, account_id, _order("1"), _order("2"))
    assert [len(_rows(database, table)) for table in (wb_orders, wb_order_items, order_events)] == [2, 2, 2]


def test_one_order_in_two_accounts_is_a_row_and_an_event_in_each(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        other = accounts.add(
            connection,
            company_id=8,
            marketplace=Marketplace.WILDBERRIES,
            name="B",
            token_cipher="x",
            shop_ids=[],
        )
    assert [_store(database, each, _order()).created for each in (account_id, other)] == [1, 1]
    assert len(_rows(database, order_events)) == 2


def test_an_order_of_which_only_the_id_is_known_is_stored(database: Engine, account_id: int) -> None:
    assert _store(database, account_id, OrderFacts(external_order_id="1")) == Stored(created=1)
    assert _store(database, account_id, OrderFacts(external_order_id="1"), read_at=LATER) == Stored()
    [row] = _rows(database, wb_orders)
    assert row.total_amount == 0


def test_an_item_moves_when_its_order_names_another_product(database: Engine, account_id: int) -> None:
    _store(database, account_id, _order(nm_id=None))
    _store(database, account_id, _order(nm_id=42), read_at=LATER)
    assert [item.external_offer_id for item in _rows(database, wb_order_items)] == ["42"]


def test_orders_of_a_removed_account_are_not_stored(database: Engine) -> None:
    with pytest.raises(RecordGone):
        _store(database, 404, _order())


def test_a_page_is_stored_whole_or_not_at_all(database: Engine, account_id: int) -> None:
    class PowerCut(Exception):
        pass

    def store_and_die() -> None:
        with transaction(database) as connection:
            orders.store_wildberries(connection, account_id, OrderList(orders=(_order(),), set_aside=(), read_at=NOW))
            raise PowerCut

    with pytest.raises(PowerCut):
        store_and_die()
    assert [len(_rows(database, table)) for table in (wb_orders, wb_order_items, order_events)] == [0, 0, 0]


def test_a_table_made_by_sellermind_itself_is_not_rewritten_for_its_types(database_url: str) -> None:
    """Product ids as text and times in whole seconds say the same; a second look finds nothing to change."""
    engine = build_engine(database_url)
    original.install(engine)
    schema.upgrade(engine)
    listed = _order(price=3_000_000_000, ordered_at=NOW.replace(microsecond=654_321))
    assert _store(engine, 5, listed) == Stored(changed=1)
    assert _store(engine, 5, listed, read_at=LATER) == Stored()
    with reading(engine) as connection:
        assert connection.execute(select(wb_orders.c.price)).scalar_one() == 3_000_000_000
        assert len(connection.execute(select(wb_order_items)).all()) == 1
    engine.dispose()
