"""What is in a supply: the only writer of the supply links of `wb_orders`, and of boxes.

The answers are complete lists of one supply, so an order that is not in its supply's list has left it.
"""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from sellermind.models.accounts import Account
from sellermind.models.orders import Stored
from sellermind.models.statuses import CANCELLED
from sellermind.models.supplies import SupplyContents
from sellermind.storage import accounts, events
from sellermind.storage.tables.orders import wb_orders
from sellermind.storage.tables.supplies import supplies, tares
from sellermind.storage.upsert import upsert

TARE_KEY = ("supply_id", "external_tare_id")

_orders = wb_orders.c
_supply = supplies.c
_tare = tares.c


def link_orders(connection: Connection, account_id: int, contents: SupplyContents) -> Stored:
    """Link the orders of a supply to it, and let go those that have left it.

    The newest reading of a link wins. An empty list frees only cancelled orders: it may as well be a fault. Orders
    that the table lacks are counted as unknown; the supply stays wanted until they are found. A list with rows that
    could not be read frees nobody, and the supply stays wanted until its list is whole.

    Args:
        connection: in the transaction that also keeps the run's progress.
        account_id: row of `marketplace_accounts`, locked until the transaction ends.
        contents: the answer of GET /api/marketplace/v3/supplies/{id}/order-ids.

    Raises:
        RecordGone: the account was removed.
    """
    account = accounts.lock(connection, account_id)
    listed = _orders.external_order_id.in_(contents.external_ids)
    linked = _orders.supply_id == contents.external_supply_id
    gone = ~listed if contents.external_ids and not contents.set_aside else _orders.status == CANCELLED.status
    joined = _move(connection, account, contents, listed, contents.external_supply_id)
    left = _move(connection, account, contents, linked & gone, None)
    known = _count(connection, account_id, listed)
    _sum_up(connection, account_id, contents, unknown=len(contents.external_ids) - known)
    return Stored(changed=joined + left, unknown=len(contents.external_ids) - known)


def store_boxes(connection: Connection, account_id: int, contents: SupplyContents) -> Stored:
    """Make the table hold the boxes of a supply; one that is no longer listed is marked, not deleted.

    Args:
        connection: in the transaction that also keeps the run's progress.
        account_id: row of `marketplace_accounts`, locked until the transaction ends.
        contents: the answer of GET /api/v3/supplies/{id}/trbx.

    Raises:
        RecordGone: the account was removed.
    """
    accounts.lock(connection, account_id)
    row_id = connection.execute(
        select(_supply.id).where(*_is_supply(account_id, contents), _not_read_since(_supply.boxes_read_at, contents))
    ).scalar_one_or_none()
    if row_id is None:  # a newer answer has been stored
        return Stored()
    now = datetime.now(UTC)
    ours = _tare.supply_id == row_id
    known = set(connection.execute(select(_tare.external_tare_id).where(ours)).scalars())
    new = [box for box in contents.external_ids if box not in known]
    stamps = {"supply_id": row_id, "created_at": now, "updated_at": now}
    upsert(connection, tares, [stamps | {"external_tare_id": box} for box in new], key=TARE_KEY, owned=("updated_at",))
    listed = _tare.external_tare_id.in_(contents.external_ids)
    connection.execute(update(tares).where(ours, listed, _tare.missing_since.is_not(None)).values(missing_since=None))
    if contents.set_aside:  # boxes that could not be read may be those that seem to be missing
        return Stored(created=len(new))
    connection.execute(update(tares).where(ours, ~listed, _tare.missing_since.is_(None)).values(missing_since=now))
    values = {"boxes_count": len(contents.external_ids), "boxes_read_at": contents.read_at}
    connection.execute(update(supplies).where(_supply.id == row_id).values(**values))
    return Stored(created=len(new))


def _move(
    connection: Connection,
    account: Account,
    contents: SupplyContents,
    which: ColumnElement[bool],
    supply_id: str | None,
) -> int:
    """Give orders another link, where this reading is the newest; give how many changed by it."""
    ours = (
        _orders.marketplace_account_id == account.id,
        which,
        _not_read_since(_orders.supply_read_at, contents),
    )
    other = _orders.supply_id.is_(None) if supply_id else _orders.supply_id.is_not(None)
    differs = or_(other, _orders.supply_id != supply_id) if supply_id else other
    changed = list(connection.execute(select(_orders.external_order_id).where(*ours, differs)).scalars())
    connection.execute(update(wb_orders).where(*ours).values(supply_id=supply_id, supply_read_at=contents.read_at))
    events.publish(connection, account, wb_orders, changed, "changed", read_at=contents.read_at)
    return len(changed)


def _count(connection: Connection, account_id: int, which: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(wb_orders).where(_orders.marketplace_account_id == account_id, which)
    return int(connection.execute(query).scalar_one())


def _sum_up(connection: Connection, account_id: int, contents: SupplyContents, *, unknown: int) -> None:
    """The supply's own counters, from its newest list and the orders linked to it."""
    amount = select(func.coalesce(func.sum(_orders.total_amount), 0)).where(
        _orders.marketplace_account_id == account_id, _orders.supply_id == contents.external_supply_id
    )
    connection.execute(
        update(supplies)
        .where(*_is_supply(account_id, contents), _not_read_since(_supply.orders_read_at, contents))
        .values(
            orders_count=len(contents.external_ids),
            total_amount=amount.scalar_subquery(),
            orders_unknown=unknown,
            orders_read_at=None if contents.set_aside else contents.read_at,
        )
    )


def _is_supply(account_id: int, contents: SupplyContents) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        _supply.marketplace_account_id == account_id,
        _supply.external_supply_id == contents.external_supply_id,
    )


def _not_read_since(read_at: ColumnElement[datetime], contents: SupplyContents) -> ColumnElement[bool]:
    return or_(read_at.is_(None), read_at < contents.read_at)
