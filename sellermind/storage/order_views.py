"""What operators read of the stored orders: how many, and what they say."""

from typing import Any

from sqlalchemy import Connection, func, select

from sellermind.models.orders import OrderFacts
from sellermind.storage.tables.orders import wb_orders

_orders = wb_orders.c


def counts(connection: Connection) -> dict[int, int]:
    """Stored orders by account id; an account without orders is left out."""
    query = select(_orders.marketplace_account_id, func.count().label("orders")).group_by(_orders.marketplace_account_id)
    return {row.marketplace_account_id: row.orders for row in connection.execute(query)}


def count(connection: Connection, account_id: int) -> int:
    """Stored orders of one account."""
    query = select(func.count()).select_from(wb_orders).where(_orders.marketplace_account_id == account_id)
    return int(connection.execute(query).scalar_one())


def facts(connection: Connection, account_id: int) -> dict[str, dict[str, Any]]:
    """Every stored order of an account by its marketplace id, with the columns that a listing owns."""
    query = select(*(_orders[name] for name in OrderFacts.model_fields))
    rows = connection.execute(query.where(_orders.marketplace_account_id == account_id))
    return {row.external_order_id: dict(row._mapping) for row in rows}  # noqa: SLF001 (SQLAlchemy's documented name)
