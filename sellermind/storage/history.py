"""Every status that an order was seen in: rows of `order_status_history`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, Table, bindparam, null, select

from sellermind.models.accounts import Account
from sellermind.storage.id_lists import among
from sellermind.storage.tables.columns import UtcDateTime
from sellermind.storage.tables.orders import order_status_history, wb_orders
from sellermind.storage.tables.uzum import uzum_orders
from sellermind.storage.upsert import upsert_from

KEY = ("marketplace_account_id", "marketplace", "external_order_id", "read_at")
# The marketplace's own words: of itself, and of the seller's side.
WORDS: dict[Table, tuple[ColumnElement[Any], ColumnElement[Any]]] = {
    wb_orders: (wb_orders.c.wb_status, wb_orders.c.wb_supplier_status),
    uzum_orders: (uzum_orders.c.uzum_status, null()),
}


def record(
    connection: Connection, account: Account, orders: Table, order_ids: Sequence[str], *, read_at: datetime
) -> None:
    """Add the present status of each order to its history; a reading that is there already stays as it is.

    Args:
        connection: in the transaction that wrote the statuses.
        account: whose orders they are.
        orders: `wb_orders` or `uzum_orders`.
        order_ids: the marketplace's ids.
        read_at: when the marketplace was asked, UTC.
    """
    if order_ids:
        parameters = {
            "marketplace": account.marketplace.value,
            "account_id": account.id,
            "order_ids": order_ids,
            "read_at": read_at,
            "now": datetime.now(UTC),
        }
        upsert_from(connection, order_status_history, _present(orders), parameters, key=KEY, owned=())


@lru_cache
def _present(orders: Table) -> Select[*tuple[Any, ...]]:
    """Orders as they are now, as rows of the history."""
    order = orders.c
    marketplace_status, supplier_status = WORDS[orders]
    return select(
        bindparam("marketplace", type_=String).label("marketplace"),
        order.marketplace_account_id,
        order.external_order_id,
        order.status,
        marketplace_status.label("marketplace_status"),
        supplier_status.label("supplier_status"),
        bindparam("read_at", type_=UtcDateTime).label("read_at"),
        bindparam("now", type_=UtcDateTime).label("created_at"),
    ).where(
        order.marketplace_account_id == bindparam("account_id"),
        among(order.external_order_id, "order_ids"),
    )
