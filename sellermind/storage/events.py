"""The outbox: one row of `order_events` for each order created or changed, in the same transaction."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection, Table, func, literal, select

from sellermind.models.accounts import Account
from sellermind.storage.tables.columns import UtcDateTime
from sellermind.storage.tables.orders import order_events
from sellermind.storage.upsert import upsert_from

KEY = ("marketplace_account_id", "marketplace", "external_order_id", "status", "read_at")


def publish(
    connection: Connection,
    account: Account,
    orders: Table,
    order_ids: Sequence[str],
    event: Literal["created", "changed"],
    *,
    read_at: datetime,
) -> None:
    """Add an event with its present status for each order; one that the outbox has already stays as it is.

    Args:
        connection: in the transaction that wrote the orders.
        account: whose orders they are.
        orders: the table that holds them.
        order_ids: the marketplace's ids.
        event: what happened to them.
        read_at: when the marketplace was asked, UTC.
    """
    order = orders.c
    source = select(
        literal(account.marketplace.value).label("marketplace"),
        order.marketplace_account_id,
        order.external_order_id,
        literal(event).label("event"),
        func.coalesce(order.status_normalized, order.status, "").label("status"),
        literal(read_at, UtcDateTime).label("read_at"),
        literal(datetime.now(UTC), UtcDateTime).label("created_at"),
    ).where(order.marketplace_account_id == account.id, order.external_order_id.in_(order_ids))
    if order_ids:
        upsert_from(connection, order_events, source, key=KEY, owned=())
