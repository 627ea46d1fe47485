from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, Row, Table, select, update

from sellermind.errors import RecordGone
from sellermind.models.accounts import Marketplace
from sellermind.models.orders import Stored
from sellermind.models.uzum_orders import UzumItem, UzumOrder, UzumOrderPage, UzumShop, UzumShopList
from sellermind.storage import account_removal, accounts, shops, uzum_orders
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.orders import order_events, order_status_history
from sellermind.storage.tables.uzum import marketplace_shops, uzum_order_items
from sellermind.storage.tables.uzum import uzum_orders as orders_table

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CUP = UzumItem(external_item_id="11", external_offer_id="500", name="Чашка", quantity=2, price=Decimal(50_000))
PLATE = UzumItem(external_item_id="12", external_offer_id="501", name="Тарелка", quantity=1, price=Decimal(30_000))
TABLES = (orders_table, uzum_order_items, order_status_history, order_events)


@pytest.fixture
def seller(database: Engine) -> int:
    """An active Uzum account."""
    with transaction(database) as connection:
        return accounts.add(
            connection, company_id=7, marketplace=Marketplace.UZUM, name="U", token_cipher="x", shop_ids=["5"]
        )


def _order(status: str = "CREATED", *items: UzumItem, **changes: Any) -> UzumOrder:
    facts: dict[str, Any] = {
        "external_order_id": "900",
        "delivery_type": "FBS",
        "shop_id": "5",
        "total_amount": Decimal(3_000_000_000),
        "ordered_at": NOW - timedelta(hours=1),
        "delivery_longitude": 69.2401,
        "raw_payload": {"id": 900, "status": status},
    }
    return UzumOrder(uzum_status=status, items=items or (CUP,), **facts | changes)


def _store(engine: Engine, account_id: int, read_at: datetime, *orders: UzumOrder) -> Stored:
    with transaction(engine) as connection:
        page = UzumOrderPage(orders=orders, set_aside=(), read_at=read_at, next=None)
        return uzum_orders.store(connection, account_id, page)


def _rows(engine: Engine, table: Table) -> list[Row[*tuple[Any, ...]]]:
    with reading(engine) as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def test_a_new_order_is_stored_with_items_history_and_event(database: Engine, seller: int) -> None:
    assert _store(database, seller, NOW, _order("PACKING", CUP, PLATE)) == Stored(created=1)
    [row], items, [history], [event] = (_rows(database, table) for table in TABLES)
    assert (row.uzum_status, row.status, row.status_normalized) == ("PACKING", "in_assembly", "in_assembly")
    assert (row.total_amount, row.currency, row.delivery_longitude) == (Decimal(3_000_000_000), "UZS", "69.2401")
    assert [(item.uzum_order_id, item.external_item_id, item.quantity) for item in items] == [
        (row.id, "11", 2),
        (row.id, "12", 1),
    ]
    assert (history.marketplace, history.status, history.marketplace_status) == ("uzum", "in_assembly", "PACKING")
    assert (history.supplier_status, history.read_at) == (None, NOW)
    assert (event.marketplace, event.event, event.status) == ("uzum", "created", "in_assembly")


def test_an_order_that_says_nothing_new_is_not_written(database: Engine, seller: int) -> None:
    _store(database, seller, NOW, _order())
    before = [_rows(database, table) for table in TABLES[1:]]
    updated = _rows(database, orders_table)[0].updated_at
    assert _store(database, seller, NOW + MINUTE, _order()) == Stored()
    assert [_rows(database, table) for table in TABLES[1:]] == before
    assert _rows(database, orders_table)[0].updated_at == updated


def test_an_order_that_moves_on_changes_its_row_and_keeps_its_items(database: Engine, seller: int) -> None:
    _store(database, seller, NOW, _order("CREATED"))
    [before], items, *_ = (_rows(database, table) for table in TABLES)
    assert _store(database, seller, NOW + MINUTE, _order("PACKING")) == Stored(changed=1)
    [after], same_items, history, events = (_rows(database, table) for table in TABLES)
    assert (after.id, after.status, after.created_at) == (before.id, "in_assembly", before.created_at)
    assert [item.id for item in same_items] == [item.id for item in items]
    assert [each.marketplace_status for each in history] == ["CREATED", "PACKING"]
    assert [(each.event, each.status) for each in events] == [("created", "new"), ("changed", "in_assembly")]


def test_a_change_of_facts_alone_makes_an_event_and_no_history(database: Engine, seller: int) -> None:
    _store(database, seller, NOW, _order())
    assert _store(database, seller, NOW + MINUTE, _order(customer_name="Алишер")).changed == 1
    assert [len(_rows(database, table)) for table in (order_status_history, order_events)] == [1, 2]


def test_the_newest_reading_wins_also_when_pages_arrive_in_the_wrong_order(database: Engine, seller: int) -> None:
    _store(database, seller, NOW + MINUTE, _order("PACKING"))
    assert _store(database, seller, NOW, _order("CREATED")) == Stored()
    assert _rows(database, orders_table)[0].uzum_status == "PACKING"
    _store(database, seller, NOW + 3 * MINUTE, _order("PACKING"))
    assert _store(database, seller, NOW + 2 * MINUTE, _order("CANCELED")) == Stored()
    assert _rows(database, orders_table)[0].uzum_status == "PACKING"


def test_the_same_page_stored_twice_leaves_one_of_everything(database: Engine, seller: int) -> None:
    for _ in range(2):
        _store(database, seller, NOW, _order("CREATED", CUP, PLATE))
    assert [len(_rows(database, table)) for table in TABLES] == [1, 2, 1, 1]


def test_a_status_that_we_do_not_know_is_kept_and_counted(database: Engine, seller: int) -> None:
    assert _store(database, seller, NOW, _order("LOST")) == Stored(created=1, unknown=1)
    [row] = _rows(database, orders_table)
    assert (row.uzum_status, row.status) == ("LOST", "unknown")


def test_an_item_that_the_order_no_longer_names_goes_and_the_others_stay(database: Engine, seller: int) -> None:
    _store(database, seller, NOW, _order("CREATED", CUP, PLATE))
    [cup, _] = _rows(database, uzum_order_items)
    more = CUP.model_copy(update={"quantity": 3})
    _store(database, seller, NOW + MINUTE, _order("CREATED", more, raw_payload={"id": 900, "n": 1}))
    [left] = _rows(database, uzum_order_items)
    assert (left.id, left.external_item_id, left.quantity) == (cup.id, "11", 3)


def test_an_order_row_without_items_does_not_take_the_known_ones_away(database: Engine, seller: int) -> None:
    _store(database, seller, NOW, _order())
    without = _order("PACKING").model_copy(update={"items": ()})
    _store(database, seller, NOW + MINUTE, without)
    assert len(_rows(database, uzum_order_items)) == 1


def test_items_that_sellermind_stored_without_a_key_are_replaced_by_keyed_ones(database: Engine, seller: int) -> None:
    _store(database, seller, NOW, _order())
    with transaction(database) as connection:
        connection.execute(update(uzum_order_items).values(external_item_id=None))
        connection.execute(update(orders_table).values(uzum_status=None, read_at=None))
    _store(database, seller, NOW + MINUTE, _order())
    assert [item.external_item_id for item in _rows(database, uzum_order_items)] == ["11"]


@pytest.mark.parametrize(
    "bad",
    [
        _order(external_order_id="1", shop_id="x" * 256),
        _order("CREATED", CUP.model_copy(update={"price": Decimal(10) ** 12}), external_order_id="1"),
    ],
)
def test_an_order_that_fits_no_column_is_set_aside_and_the_page_goes_on(
    database: Engine, seller: int, bad: UzumOrder
) -> None:
    stored = _store(database, seller, NOW, bad, _order())
    assert (stored.created, [row.external_id for row in stored.set_aside]) == (1, ["1"])


def test_orders_of_a_removed_account_are_not_stored(database: Engine) -> None:
    with pytest.raises(RecordGone):
        _store(database, 404, NOW, _order())


def test_an_account_is_removed_with_all_that_uzum_said_of_it(database: Engine, seller: int) -> None:
    _store(database, seller, NOW, _order())
    with transaction(database) as connection:
        account_removal.remove(connection, seller, with_orders=True)
    assert [_rows(database, table) for table in TABLES] == [[], [], [], []]


def test_shops_are_remembered_under_their_newest_name(database: Engine, seller: int) -> None:
    for name in ("Old", "New"):
        with transaction(database) as connection:
            listed = UzumShopList(shops=(UzumShop(external_id="5", name=name), UzumShop(external_id="6")), set_aside=())
            shops.store(connection, seller, listed)
    with reading(database) as connection:
        assert shops.list_ids(connection, seller) == ("5", "6")
        names = connection.execute(select(marketplace_shops.c.name)).scalars().all()
    assert names == ["New", None]
