"""Wildberries orders: what a listing says of them goes into `wb_orders` and `wb_order_items`, and nothing else does.

Statuses and supply links have other sources and other writers: an upsert here writes only the columns that a
listing owns, and an order that a listing omits is left as it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, delete, or_, select, tuple_

from sellermind.models.orders import OrderFacts, OrderList, SetAside, Stored
from sellermind.storage import accounts
from sellermind.storage.events import OrderEvent, publish
from sellermind.storage.fitting import misfit
from sellermind.storage.tables.orders import wb_order_items, wb_orders
from sellermind.storage.upsert import upsert

FACTS = tuple(name for name in OrderFacts.model_fields if name != "external_order_id")
KEY = ("marketplace_account_id", "external_order_id")
ITEM_KEY = ("wb_order_id", "external_offer_id")
ITEM_OWNED = ("name", "price", "total_price", "updated_at")
NEW_ORDER = {"status": "new", "status_normalized": "new", "wb_status_group": "new"}
NO_PRICE = Decimal(0)  # `wb_orders.total_amount` takes no NULL

_orders = wb_orders.c


@dataclass(frozen=True)
class Differences:
    """Which orders of a listing the table lacks, and which it holds with other facts (with their status)."""

    created: tuple[OrderFacts, ...]
    changed: tuple[OrderFacts, ...]
    statuses: Mapping[str, str]


def store_wildberries(connection: Connection, account_id: int, listed: OrderList) -> Stored:
    """Make the table hold what a listing says; rows that say nothing new are not written.

    Args:
        connection: in the transaction that also keeps the run's progress.
        account_id: row of `marketplace_accounts`, locked until the transaction ends.
        listed: the answer of GET /api/v3/orders/new or /api/v3/orders.

    Raises:
        RecordGone: the account was removed.
    """
    account = accounts.lock(connection, account_id)
    orders, set_aside = _split(account_id, listed.orders)
    found = _compare(connection, account_id, orders)
    if found.created or found.changed:
        _write(connection, account_id, found)
        publish(connection, account, _events(found), listed.read_at)
    return Stored(created=len(found.created), changed=len(found.changed), set_aside=set_aside)


def _split(account_id: int, orders: Iterable[OrderFacts]) -> tuple[list[OrderFacts], tuple[SetAside, ...]]:
    """Orders that fit the table, the last one of each id, and the others with the reason."""
    fitting: dict[str, OrderFacts] = {}
    set_aside = []
    for order in orders:
        reason = misfit(wb_orders, _row(account_id, order))
        if reason is None:
            fitting[order.external_order_id] = order
        else:
            set_aside.append(SetAside(external_id=order.external_order_id[:64], reason=reason))
    return list(fitting.values()), tuple(set_aside)


def _compare(connection: Connection, account_id: int, orders: list[OrderFacts]) -> Differences:
    stored = _stored(connection, account_id, [order.external_order_id for order in orders])
    created, changed = [], []
    for order in orders:
        row = stored.get(order.external_order_id)
        if row is None:
            created.append(order)
        elif _says_something_new(order, row):
            changed.append(order)
    statuses = {order_id: row.status_normalized or row.status or "" for order_id, row in stored.items()}
    return Differences(tuple(created), tuple(changed), statuses)


def _stored(connection: Connection, account_id: int, order_ids: list[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    if not order_ids:
        return {}
    columns = [_orders[name] for name in ("external_order_id", "status", "status_normalized", *FACTS)]
    query = select(*columns).where(
        _orders.marketplace_account_id == account_id, _orders.external_order_id.in_(order_ids)
    )
    return {row.external_order_id: row for row in connection.execute(query)}


def _says_something_new(order: OrderFacts, row: Row[*tuple[Any, ...]]) -> bool:
    wanted = _facts(order)
    return any(not _same(getattr(row, name), value) for name, value in wanted.items())


def _same(stored: Any, wanted: Any) -> bool:
    """Equal, up to what a database made by SellerMind's own migrations changes: ids as text, whole seconds."""
    if stored == wanted:
        return True
    if isinstance(stored, datetime) and isinstance(wanted, datetime):
        return abs(stored - wanted) < timedelta(seconds=1)
    return isinstance(stored, str) and isinstance(wanted, int) and stored == str(wanted)


def _write(connection: Connection, account_id: int, found: Differences) -> None:
    now = datetime.now(UTC)
    created = [_row(account_id, order) | NEW_ORDER | {"created_at": now, "updated_at": now} for order in found.created]
    changed = [_row(account_id, order) | {"updated_at": now} for order in found.changed]
    owned = (*FACTS, "updated_at")
    upsert(connection, wb_orders, created, key=KEY, owned=owned)
    upsert(connection, wb_orders, changed, key=KEY, owned=owned)
    _write_items(connection, account_id, found, now)


def _write_items(connection: Connection, account_id: int, found: Differences, now: datetime) -> None:
    """One item an order: a Wildberries assembly order is always one piece."""
    orders = [*found.created, *found.changed]
    query = select(_orders.external_order_id, _orders.id).where(
        _orders.marketplace_account_id == account_id,
        _orders.external_order_id.in_([order.external_order_id for order in orders]),
    )
    ids = {row.external_order_id: row.id for row in connection.execute(query)}
    rows = [_item(ids[order.external_order_id], order) | {"created_at": now, "updated_at": now} for order in orders]
    upsert(connection, wb_order_items, rows, key=ITEM_KEY, owned=ITEM_OWNED)
    if found.changed:
        _drop_other_items(connection, [_item(ids[order.external_order_id], order) for order in found.changed])


def _drop_other_items(connection: Connection, current: list[dict[str, Any]]) -> None:
    """An order that now names another product has that one as its item, not both."""
    item = wb_order_items.c
    pairs = [(row["wb_order_id"], row["external_offer_id"]) for row in current]
    connection.execute(
        delete(wb_order_items).where(
            item.wb_order_id.in_([row["wb_order_id"] for row in current]),
            or_(item.external_offer_id.is_(None), tuple_(item.wb_order_id, item.external_offer_id).not_in(pairs)),
        )
    )


def _item(order_row_id: int, order: OrderFacts) -> dict[str, Any]:
    return {
        "wb_order_id": order_row_id,
        "external_offer_id": str(order.nm_id or ""),
        "name": order.article,
        "quantity": 1,
        "price": order.total_amount,
        "total_price": order.total_amount,
    }


def _row(account_id: int, order: OrderFacts) -> dict[str, Any]:
    return {"marketplace_account_id": account_id, "external_order_id": order.external_order_id, **_facts(order)}


def _facts(order: OrderFacts) -> dict[str, Any]:
    facts = {name: getattr(order, name) for name in FACTS}
    facts["warehouse_id"] = None if order.warehouse_id is None else str(order.warehouse_id)
    facts["total_amount"] = NO_PRICE if order.total_amount is None else order.total_amount
    return facts


def _events(found: Differences) -> Iterable[OrderEvent]:
    for order in found.created:
        yield OrderEvent(order.external_order_id, "created", NEW_ORDER["status"])
    for order in found.changed:
        yield OrderEvent(order.external_order_id, "changed", found.statuses[order.external_order_id])
