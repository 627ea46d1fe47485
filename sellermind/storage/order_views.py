"""What operators read of the stored orders: how many, and what they say."""

from collections import Counter
from typing import Any

from sqlalchemy import Connection, func, select

from sellermind.models.orders import OrderFacts
from sellermind.storage.tables.orders import wb_orders
from sellermind.storage.tables.uzum import uzum_orders

COMPARED = (*OrderFacts.model_fields, "wb_status", "wb_supplier_status", "supply_id")

_orders = wb_orders.c


def counts(connection: Connection) -> Counter[int]:
    """Stored orders by account id, of all marketplaces."""
    found: Counter[int] = Counter()
    for table in (wb_orders, uzum_orders):
        account = table.c.marketplace_account_id
        for row in connection.execute(select(account, func.count().label("orders")).group_by(account)):
            found[row.marketplace_account_id] += row.orders
    return found


def wildberries(connection: Connection, account_id: int) -> dict[str, dict[str, Any]]:
    """Every stored Wildberries order of an account by its marketplace id: what listings, statuses and supplies own."""
    query = select(*(_orders[name] for name in COMPARED)).where(_orders.marketplace_account_id == account_id)
    rows = connection.execute(query)
    return {row.external_order_id: dict(row._mapping) for row in rows}  # noqa: SLF001 (SQLAlchemy's documented name)
