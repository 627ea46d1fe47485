"""The outbox: one row of `order_events` for each order created or changed, in the same transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection

from sellermind.models.accounts import Account
from sellermind.storage.tables.orders import order_events
from sellermind.storage.upsert import upsert

KEY = ("marketplace_account_id", "marketplace", "external_order_id", "status", "read_at")


@dataclass(frozen=True)
class OrderEvent:
    """An order that was created or changed, and the status it has now ('' as long as none is known)."""

    external_order_id: str
    event: Literal["created", "changed"]
    status: str


def publish(connection: Connection, account: Account, events: Iterable[OrderEvent], read_at: datetime) -> None:
    """Add events to the outbox; one that is there already (same order, status and reading) stays as it is.

    Args:
        connection: in the transaction that writes the orders.
        account: whose orders they are.
        events: at most one for an order.
        read_at: when the marketplace was asked, UTC.
    """
    now = datetime.now(UTC)
    rows = [
        {
            "marketplace": account.marketplace.value,
            "marketplace_account_id": account.id,
            "external_order_id": each.external_order_id,
            "event": each.event,
            "status": each.status,
            "read_at": read_at,
            "created_at": now,
        }
        for each in events
    ]
    upsert(connection, order_events, rows, key=KEY, owned=())
