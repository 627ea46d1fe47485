"""The outbox: one row of `order_events` for each order created or changed, in the same transaction."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Connection, Select, String, Table, bindparam, func, select

from sellermind.models.accounts import Account
from sellermind.storage.id_lists import among
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
    if order_ids:
        parameters = {
            "marketplace": account.marketplace.value,
            "account_id": account.id,
            "order_ids": order_ids,
            "event": event,
            "read_at": read_at,
            "now": datetime.now(UTC),
        }
        upsert_from(connection, order_events, _present(orders), parameters, key=KEY, owned=())


@lru_cache
def _present(orders: Table) -> Select[*tuple[Any, ...]]:
    """Orders as they are now, as rows of the outbox."""
    order = orders.c
    return select(
        bindparam("marketplace", type_=String).label("marketplace"),
        order.marketplace_account_id,
        order.external_order_id,
        bindparam("event", type_=String).label("event"),
        func.coalesce(order.status_normalized, order.status, "").label("status"),
        bindparam("read_at", type_=UtcDateTime).label("read_at"),
        bindparam("now", type_=UtcDateTime).label("created_at"),
    ).where(
        order.marketplace_account_id == bindparam("account_id"),
        among(order.external_order_id, "order_ids"),
    )
