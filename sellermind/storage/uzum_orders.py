"""Uzum orders: the listing owns all that `uzum_orders` and `uzum_order_items` say of an order, its status included.

One order shows up under one status now and under the next one a moment later, and pages may arrive late: the newest
reading wins.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, tuple_, update

from sellermind.models.orders import SetAside, Stored
from sellermind.models.statuses import UNKNOWN, UZUM_ENDED, uzum_meaning
from sellermind.models.uzum_orders import UzumItem, UzumOrder, UzumOrderPage
from sellermind.storage import accounts, events, history
from sellermind.storage.differences import differs
from sellermind.storage.fitting import misfit
from sellermind.storage.tables.uzum import uzum_order_items, uzum_orders
from sellermind.storage.upsert import upsert

KEY = ("marketplace_account_id", "external_order_id")
ITEM_KEY = ("uzum_order_id", "external_item_id")
ITEM_OWNED = ("external_offer_id", "name", "quantity", "price", "total_price", "raw_payload", "updated_at")
LISTED = tuple(name for name in UzumOrder.model_fields if name not in {"external_order_id", "items"})
FACTS = (*LISTED, "status", "status_normalized")
NO_PRICE = Decimal(0)  # `uzum_orders.total_amount` takes no NULL

_orders = uzum_orders.c
_item = uzum_order_items.c


@dataclass(frozen=True, slots=True)
class Listed:
    """An order as its rows: of `uzum_orders`, and of `uzum_order_items` (without the order's row id)."""

    id: str
    row: dict[str, Any]
    items: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Held:
    """What the table holds of an order: when that was read, and the values of FACTS."""

    read_at: datetime | None
    uzum_status: str | None
    facts: tuple[Any, ...]


def store(connection: Connection, account_id: int, page: UzumOrderPage) -> Stored:
    """Make the tables hold what a page of GET /v2/fbs/orders says, where they hold nothing newer.

    Args:
        connection: in the transaction that also keeps the run's progress.
        account_id: row of `marketplace_accounts`, locked until the transaction ends.
        page: orders of one status; an order it leaves out is left as it is.

    Raises:
        RecordGone: the account was removed.
    """
    account = accounts.lock(connection, account_id)
    orders, set_aside = _fitting(account_id, page)
    stored = _stored(connection, account_id, list(orders))
    created = [order for order_id, order in orders.items() if order_id not in stored]
    older = [order for order_id, order in orders.items() if order_id in stored and _is_newer(page, stored[order_id])]
    changed = [order for order in older if differs(order.row, stored[order.id].facts, FACTS)]
    _write(connection, account_id, created, changed, page.read_at)
    _advance(connection, account_id, [order.id for order in older], page.read_at)
    moved = [order.id for order in changed if order.row["uzum_status"] != stored[order.id].uzum_status]
    history.record(connection, account, uzum_orders, [*_ids(created), *moved], read_at=page.read_at)
    events.publish(connection, account, uzum_orders, _ids(created), "created", read_at=page.read_at)
    events.publish(connection, account, uzum_orders, _ids(changed), "changed", read_at=page.read_at)
    unknown = sum(order.row["status"] == UNKNOWN.status for order in (*created, *older))
    return Stored(created=len(created), changed=len(changed), unknown=unknown, set_aside=set_aside)


def oldest_open(connection: Connection, account_id: int) -> datetime | None:
    """When the oldest order was placed that has not ended in our table; None if all have."""
    query = select(func.min(_orders.ordered_at)).where(
        _orders.marketplace_account_id == account_id, _orders.status.not_in(UZUM_ENDED)
    )
    oldest: datetime | None = connection.execute(query).scalar_one()
    return oldest


def _fitting(account_id: int, page: UzumOrderPage) -> tuple[dict[str, Listed], tuple[SetAside, ...]]:
    """Orders that fit the tables with all their items, by id, and the others with the reason."""
    orders: dict[str, Listed] = {}
    set_aside = []
    for order in page.orders:
        listed = Listed(order.external_order_id, _row(account_id, order), [_item_row(item) for item in order.items])
        reasons = (misfit(uzum_orders, listed.row), *(misfit(uzum_order_items, item) for item in listed.items))
        reason = next(filter(None, reasons), None)
        if reason is None:
            orders[listed.id] = listed
        else:
            set_aside.append(SetAside(external_id=listed.id[:64], reason=reason))
    return orders, tuple(set_aside)


def _row(account_id: int, order: UzumOrder) -> dict[str, Any]:
    meaning = uzum_meaning(order.uzum_status)
    row = {"marketplace_account_id": account_id, "external_order_id": order.external_order_id}
    row.update((name, getattr(order, name)) for name in LISTED)
    for name in ("delivery_longitude", "delivery_latitude"):
        row[name] = None if row[name] is None else str(row[name])
    row["total_amount"] = NO_PRICE if order.total_amount is None else order.total_amount
    row["status"] = row["status_normalized"] = meaning.status
    return row


def _item_row(item: UzumItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in UzumItem.model_fields}


def _stored(connection: Connection, account_id: int, order_ids: list[str]) -> dict[str, Held]:
    if not order_ids:
        return {}
    names = (_orders.external_order_id, _orders.read_at, _orders.uzum_status, *(_orders[name] for name in FACTS))
    query = select(*names).where(*_are(account_id, order_ids))
    return {
        order_id: Held(read_at, uzum_status, tuple(facts))
        for order_id, read_at, uzum_status, *facts in connection.execute(query)
    }


def _is_newer(page: UzumOrderPage, held: Held) -> bool:
    return held.read_at is None or held.read_at < page.read_at


def _write(
    connection: Connection, account_id: int, created: list[Listed], changed: list[Listed], read_at: datetime
) -> None:
    now = datetime.now(UTC)
    stamp = {"read_at": read_at, "updated_at": now}
    owned = (*FACTS, *stamp)
    upsert(connection, uzum_orders, [each.row | stamp | {"created_at": now} for each in created], key=KEY, owned=owned)
    upsert(connection, uzum_orders, [each.row | stamp for each in changed], key=KEY, owned=owned)
    with_items = [order for order in (*created, *changed) if order.items]
    if with_items:
        _write_items(connection, account_id, with_items, now)


def _write_items(connection: Connection, account_id: int, orders: list[Listed], now: datetime) -> None:
    """Upsert the orders' items; an item that its order no longer names goes, as the order names all it has."""
    query = select(_orders.external_order_id, _orders.id).where(*_are(account_id, _ids(orders)))
    row_ids = {row.external_order_id: row.id for row in connection.execute(query)}
    rows = [
        item | {"uzum_order_id": row_ids[order.id], "created_at": now, "updated_at": now}
        for order in orders
        for item in order.items
    ]
    upsert(connection, uzum_order_items, rows, key=ITEM_KEY, owned=ITEM_OWNED)
    named = [(row["uzum_order_id"], row["external_item_id"]) for row in rows]
    other = or_(_item.external_item_id.is_(None), tuple_(_item.uzum_order_id, _item.external_item_id).not_in(named))
    connection.execute(delete(uzum_order_items).where(_item.uzum_order_id.in_(row_ids.values()), other))


def _advance(connection: Connection, account_id: int, order_ids: list[str], read_at: datetime) -> None:
    """Note the reading on unchanged orders too: an older answer that comes later must find it."""
    if order_ids:
        connection.execute(update(uzum_orders).where(*_are(account_id, order_ids)).values(read_at=read_at))


def _are(account_id: int, order_ids: list[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _orders.marketplace_account_id == account_id, _orders.external_order_id.in_(order_ids)


def _ids(orders: Iterable[Listed]) -> list[str]:
    return [order.id for order in orders]
