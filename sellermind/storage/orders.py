"""Wildberries orders: what a listing says of them goes into `wb_orders` and `wb_order_items`, and nothing else does.

Statuses and supply links have other sources and other writers: an upsert here writes only the columns that a
listing owns, and an order that a listing omits is left as it is. An order that is new to us begins with the status
that was asked for along with its page, if it was: one row is written, not written and changed.
"""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Connection,
    String,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    select,
)

from sellermind.models.accounts import Account
from sellermind.models.orders import NO_STATUSES, OrderFacts, OrderList, StatusList, Stored
from sellermind.storage import accounts, events, history, statuses
from sellermind.storage.differences import differs
from sellermind.storage.documents import Document
from sellermind.storage.fitting import fitting
from sellermind.storage.id_lists import among
from sellermind.storage.tables.columns import UtcDateTime
from sellermind.storage.tables.orders import wb_order_items, wb_orders
from sellermind.storage.upsert import upsert, upsert_from

FACTS = tuple(name for name in OrderFacts._fields if name != "external_order_id")
# The two listings show an order in two forms: the raw row alone is no change, or each would undo the other's for ever.
TELLING = tuple(name for name in FACTS if name != "raw_payload")
KEY = ("marketplace_account_id", "external_order_id")
ITEM_KEY = ("wb_order_id", "external_offer_id")
ITEM_OWNED = ("name", "price", "total_price", "updated_at")
NO_PRICE = Decimal(0)  # `wb_orders.total_amount` takes no NULL

_orders = wb_orders.c
_TELLING = tuple(_orders[name] for name in TELLING)
_OFFER = func.coalesce(cast(_orders.nm_id, String(255)), "")
_ARE = (
    _orders.marketplace_account_id == bindparam("account_id"),
    among(_orders.external_order_id, "order_ids"),
)
_STORED = select(_orders.external_order_id, *_TELLING).where(*_ARE)
_ITEMS = select(
    _orders.id.label("wb_order_id"),
    _OFFER.label("external_offer_id"),
    _orders.article.label("name"),
    literal_column("1").label("quantity"),
    _orders.total_amount.label("price"),
    _orders.total_amount.label("total_price"),
    bindparam("now", type_=UtcDateTime).label("created_at"),
    bindparam("now", type_=UtcDateTime).label("updated_at"),
).where(*_ARE)
_STORED_ITEMS = (
    select(wb_order_items.c.id, wb_order_items.c.external_offer_id, _orders.nm_id)
    .join(wb_orders, _orders.id == wb_order_items.c.wb_order_id)
    .where(*_ARE)
)


def store_wildberries(
    connection: Connection, account_id: int, listed: OrderList, asked: StatusList = NO_STATUSES
) -> Stored:
    """Make the table hold what a listing says; rows that say nothing new are not written.

    Args:
        connection: in the transaction that also keeps the run's progress.
        account_id: row of `marketplace_accounts`, locked until the transaction ends.
        listed: the answer of GET /api/v3/orders/new or /api/v3/orders.
        asked: the statuses of some of these orders, asked after they were listed.

    Raises:
        RecordGone: the account was removed.
    """
    if not listed.orders:
        return Stored()
    account = accounts.lock(connection, account_id)
    rows, set_aside = fitting(wb_orders, "external_order_id", (_row(account_id, order) for order in listed.orders))
    stored = _stored(connection, account_id, list(rows))
    created = [row for order_id, row in rows.items() if order_id not in stored]
    changed = [row for order_id, row in rows.items() if order_id in stored and differs(row, stored[order_id], TELLING)]
    first, later = _parted(asked, set(_ids(created)))
    if created:
        _insert(connection, account, created, first)
        events.publish(connection, account, wb_orders, _ids(created), "created", read_at=listed.read_at)
    if changed:
        _change(connection, account_id, changed)
        events.publish(connection, account, wb_orders, _ids(changed), "changed", read_at=listed.read_at)
    unknown = statuses.count_unknown(first.statuses)
    if later.statuses:
        unknown += statuses.store_wildberries(connection, account_id, later).unknown
    return Stored(created=len(created), changed=len(changed), unknown=unknown, set_aside=set_aside)


def _parted(asked: StatusList, created: set[str]) -> tuple[StatusList, StatusList]:
    """The statuses of the orders that are new to us, and those of the others."""
    first = tuple(each for each in asked.statuses if each.external_order_id in created)
    later = tuple(each for each in asked.statuses if each.external_order_id not in created)
    return replace(asked, statuses=first), replace(asked, statuses=later)


def _row(account_id: int, order: OrderFacts) -> dict[str, Any]:
    row = order._asdict()
    row["marketplace_account_id"] = account_id
    row["raw_payload"] = Document(order.raw_payload)
    row["warehouse_id"] = None if order.warehouse_id is None else str(order.warehouse_id)
    row["total_amount"] = NO_PRICE if order.total_amount is None else order.total_amount
    return row


def _stored(connection: Connection, account_id: int, order_ids: list[str]) -> dict[str, tuple[Any, ...]]:
    """What the table holds of these orders, by order id; the facts in the order of TELLING."""
    if not order_ids:
        return {}
    found = connection.execute(_STORED, {"account_id": account_id, "order_ids": order_ids})
    return {order_id: tuple(facts) for order_id, *facts in found}


def _insert(connection: Connection, account: Account, rows: list[dict[str, Any]], asked: StatusList) -> None:
    now = datetime.now(UTC)
    first = statuses.first_columns(asked)
    unread = statuses.NEW_ORDER
    stamped = [
        row | first.get(row["external_order_id"], unread) | {"created_at": now, "updated_at": now} for row in rows
    ]
    upsert(connection, wb_orders, stamped, key=KEY, owned=(*FACTS, "updated_at"))
    _upsert_items(connection, account.id, _ids(rows), now)
    history.record(connection, account, wb_orders, list(first), read_at=asked.read_at)


def _change(connection: Connection, account_id: int, rows: list[dict[str, Any]]) -> None:
    now = datetime.now(UTC)
    upsert(connection, wb_orders, [row | {"updated_at": now} for row in rows], key=KEY, owned=(*FACTS, "updated_at"))
    _upsert_items(connection, account_id, _ids(rows), now)
    _drop_other_items(connection, account_id, _ids(rows))


def _upsert_items(connection: Connection, account_id: int, order_ids: list[str], now: datetime) -> None:
    """One item an order: a Wildberries assembly order is always one piece."""
    parameters = {"account_id": account_id, "order_ids": order_ids, "now": now}
    upsert_from(connection, wb_order_items, _ITEMS, parameters, key=ITEM_KEY, owned=ITEM_OWNED)


def _drop_other_items(connection: Connection, account_id: int, order_ids: list[str]) -> None:
    """An order that now names another product has that one as its item, not both.

    Compared here: SellerMind's own columns may have collations that the server does not compare with each other.
    """
    items = connection.execute(_STORED_ITEMS, {"account_id": account_id, "order_ids": order_ids})
    row_ids = [item.id for item in items if item.external_offer_id != str("" if item.nm_id is None else item.nm_id)]
    if row_ids:
        connection.execute(delete(wb_order_items).where(wb_order_items.c.id.in_(row_ids)))


def _ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["external_order_id"] for row in rows]
