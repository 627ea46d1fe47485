"""Wildberries' statuses: the only writer of the status columns of `wb_orders`.

Statuses go back and forth (an order can leave its supply again), so no status outranks another: the newest reading
wins, also when answers arrive in the wrong order.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, or_, select, update

from sellermind.models.orders import OpenOrders, OrderFacts, OrderStatus, StatusList, Stored
from sellermind.models.statuses import CANCELLED, UNKNOWN, WILDBERRIES_ENDED, Meaning, wildberries_meaning
from sellermind.models.supplies import SupplyState
from sellermind.storage import accounts, events, history
from sellermind.storage.id_lists import among
from sellermind.storage.tables.orders import wb_orders
from sellermind.storage.tables.supplies import supplies

# An order that was cancelled on the seller's side was not handed over: it is in no supply, whatever that one's state.
CANCEL = "cancel"

NEW_ORDER: dict[str, Any] = {
    "wb_supplier_status": None,
    "wb_status": None,
    "status": "new",
    "status_normalized": "new",
    "wb_status_group": "new",
    "status_read_at": None,
    "supply_read_at": None,
}
"""An order whose status nobody has asked yet."""

STATUS_COLUMNS = ("wb_supplier_status", "wb_status", "status", "status_normalized", "wb_status_group")

_orders = wb_orders.c
# Made once: to build a statement with a thousand ids costs as much as to run it.
_OURS = (
    _orders.marketplace_account_id == bindparam("account_id"),
    among(_orders.external_order_id, "order_ids"),
)
_READ_BEFORE = select(_orders.external_order_id).where(*_OURS, _orders.status_read_at.is_not(None))
_STORED = select(
    _orders.external_order_id,
    _orders.wb_supplier_status,
    _orders.wb_status,
    _orders.status,
    _orders.status_normalized,
    _orders.wb_status_group,
).where(*_OURS, or_(_orders.status_read_at.is_(None), _orders.status_read_at < bindparam("read_at")))
_WRITE = (
    update(wb_orders)
    .where(*_OURS)
    .values({name: bindparam(f"new_{name}") for name in (*STATUS_COLUMNS, "status_read_at", "updated_at")})
)
_ADVANCE = update(wb_orders).where(*_OURS).values(status_read_at=bindparam("read_at"))


def open_wildberries(connection: Connection, account_id: int, after_row_id: int = 0, limit: int = 1000) -> OpenOrders:
    """The next orders whose status may still change, by row id: what the poll itself changes moves nothing.

    Args:
        connection: inside a transaction.
        account_id: whose orders.
        after_row_id: where the last chunk ended.
        limit: size of a chunk; Wildberries takes 1,000 ids a call.
    """
    query = (
        select(_orders.id, _orders.external_order_id)
        .where(_orders.marketplace_account_id == account_id, _orders.id > after_row_id)
        .where(or_(_orders.status.is_(None), _orders.status.not_in(WILDBERRIES_ENDED)))
        .order_by(_orders.id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    # SellerMind's statistics import may have left ids that are no numbers; Wildberries answers 400 to such a chunk.
    ids = tuple(int(row.external_order_id) for row in rows if row.external_order_id.isdecimal())
    return OpenOrders(order_ids=ids, last_row_id=rows[-1].id if len(rows) == limit else None)


def unread_wildberries(connection: Connection, account_id: int, listed: Sequence[OrderFacts]) -> tuple[int, ...]:
    """Of the orders in a listing those whose status nobody has read yet; most often the table lacks them too."""
    order_ids = [order.external_order_id for order in listed]
    read = set(connection.execute(_READ_BEFORE, {"account_id": account_id, "order_ids": order_ids}).scalars())
    return tuple(int(order_id) for order_id in order_ids if order_id not in read)


def oldest_unsettled(connection: Connection, account_id: int, since: datetime) -> datetime | None:
    """When the oldest order was placed that is open, or ended after `since`; None if there is none.

    What the listing says of such an order may have changed: its scan price comes when Wildberries accepts it.
    """
    query = select(func.min(_orders.ordered_at)).where(
        _orders.marketplace_account_id == account_id,
        or_(_orders.status.is_(None), _orders.status.not_in(WILDBERRIES_ENDED), _orders.status_read_at >= since),
    )
    oldest: datetime | None = connection.execute(query).scalar_one()
    return oldest


def store_wildberries(connection: Connection, account_id: int, listed: StatusList) -> Stored:
    """Give orders the statuses that Wildberries says they have; an order it leaves out keeps its own.

    Args:
        connection: in the transaction that also keeps the run's progress.
        account_id: row of `marketplace_accounts`, locked until the transaction ends.
        listed: the answer of POST /api/v3/orders/status.

    Raises:
        RecordGone: the account was removed.
    """
    account = accounts.lock(connection, account_id)
    read = {each.external_order_id: each for each in listed.statuses}
    stored = _stored(connection, account_id, list(read), listed.read_at)
    changed = [each for order_id, each in read.items() if order_id in stored and _differs(each, stored[order_id])]
    for status, order_ids in _by_status(changed).items():
        _write(connection, account_id, status, order_ids, listed.read_at)
    _leave_open_supplies(connection, account_id, changed, listed.read_at)
    changed_ids = [each.external_order_id for each in changed]
    _advance(connection, account_id, list(stored.keys() - set(changed_ids)), listed.read_at)
    history.record(connection, account, wb_orders, changed_ids, read_at=listed.read_at)
    events.publish(connection, account, wb_orders, changed_ids, "changed", read_at=listed.read_at)
    unknown = count_unknown(each for order_id, each in read.items() if order_id in stored)
    return Stored(changed=len(changed), unknown=unknown)


def first_columns(asked: StatusList) -> dict[str, dict[str, Any]]:
    """What orders begin with whose first reading this is, by order id: as NEW_ORDER, but read.

    As in _leave_open_supplies, a cancelled one is in no supply: a list of its supply from before comes too late.
    """
    words = {(each.supplier_status, each.wb_status): each for each in asked.statuses}
    first = {
        pair: _columns(each)
        | {
            "status_read_at": asked.read_at,
            "supply_read_at": asked.read_at if _meaning(each) == CANCELLED else None,
        }
        for pair, each in words.items()
    }
    return {each.external_order_id: first[each.supplier_status, each.wb_status] for each in asked.statuses}


def count_unknown(read: Iterable[OrderStatus]) -> int:
    """How many of these statuses the map does not know."""
    return sum(_meaning(each) is UNKNOWN for each in read)


def _stored(
    connection: Connection, account_id: int, order_ids: list[str], read_at: datetime
) -> dict[str, Row[*tuple[Any, ...]]]:
    """The orders that this reading may change: ours, and not read later than it."""
    if not order_ids:
        return {}
    asked = {"account_id": account_id, "order_ids": order_ids, "read_at": read_at}
    return {row.external_order_id: row for row in connection.execute(_STORED, asked)}


def _meaning(status: OrderStatus) -> Meaning:
    return wildberries_meaning(status.supplier_status, status.wb_status)


def _differs(status: OrderStatus, row: Row[*tuple[Any, ...]]) -> bool:
    columns = _columns(status)
    return any(getattr(row, name) != value for name, value in columns.items())


def _columns(status: OrderStatus) -> dict[str, str]:
    meaning = _meaning(status)
    return {
        "wb_supplier_status": status.supplier_status,
        "wb_status": status.wb_status,
        "status": meaning.status,
        "status_normalized": meaning.status,
        "wb_status_group": meaning.group,
    }


def _by_status(changed: Iterable[OrderStatus]) -> dict[OrderStatus, list[str]]:
    """Orders by what they get: a handful of statements, however many orders."""
    groups = defaultdict(list)
    for each in changed:
        groups[each._replace(external_order_id="")].append(each.external_order_id)
    return groups


def _write(
    connection: Connection, account_id: int, status: OrderStatus, order_ids: list[str], read_at: datetime
) -> None:
    values = _columns(status) | {"status_read_at": read_at, "updated_at": datetime.now(UTC)}
    named = {f"new_{name}": value for name, value in values.items()}
    connection.execute(_WRITE, {"account_id": account_id, "order_ids": order_ids, **named})


def _leave_open_supplies(
    connection: Connection, account_id: int, changed: Iterable[OrderStatus], read_at: datetime
) -> None:
    """An order cancelled while its supply is open has left it; a supply that is handed over keeps its orders.

    The reading is noted on orders without a link too: a list of their supply that was asked for before comes too late.
    """
    cancelled = [each.external_order_id for each in changed if _meaning(each) == CANCELLED]
    if not cancelled:
        return
    supply = supplies.c
    still_open = select(supply.external_supply_id).where(
        supply.marketplace_account_id == account_id, supply.wb_state == SupplyState.OPEN.value
    )
    connection.execute(
        update(wb_orders)
        .where(_orders.marketplace_account_id == account_id, _orders.external_order_id.in_(cancelled))
        .where(
            or_(_orders.supply_id.is_(None), _orders.supply_id.in_(still_open), _orders.wb_supplier_status == CANCEL)
        )
        .where(or_(_orders.supply_read_at.is_(None), _orders.supply_read_at < read_at))
        .values(supply_id=None, supply_read_at=read_at)
    )


def _advance(connection: Connection, account_id: int, order_ids: list[str], read_at: datetime) -> None:
    """Note the reading on unchanged orders too: an older answer that comes later must find it."""
    if order_ids:
        connection.execute(_ADVANCE, {"account_id": account_id, "order_ids": order_ids, "read_at": read_at})
