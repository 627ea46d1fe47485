"""supply_contents: the orders of a supply."""

from pydantic import Field
from sqlalchemy import select

from sellermind.agents.order_rows import order_rows
from sellermind.agents.tool import Desk, Facts, Tool
from sellermind.errors import RecordGone
from sellermind.models.payload import Payload
from sellermind.storage.tables.supplies import supplies

MOST_ORDERS = 100


class LookIntoSupply(Payload):
    """Which supply."""

    supply_id: str = Field(min_length=1, max_length=50, description="the marketplace's number, such as WB-GI-1234567")


def look(desk: Desk, wanted: LookIntoSupply) -> Facts:
    """The orders of the supply and their sum for each currency."""
    supply = supplies.c
    asked = select(supply.name, supply.status, supply.wb_state, supply.closed_at, supply.boxes_count).where(
        supply.external_supply_id == wanted.supply_id, supply.marketplace_account_id.in_(desk.scope.account_ids)
    )
    known = desk.connection.execute(asked).first()
    rows = order_rows(desk)
    query = select(rows).where(rows.c.supply_id == wanted.supply_id).order_by(rows.c.order_id)
    found = desk.connection.execute(query).all()
    if known is None and not found:
        raise RecordGone(f"There is no supply {wanted.supply_id}.")
    currencies = {row.currency for row in found}
    return {
        "supply_id": wanted.supply_id,
        "supply": dict(known._mapping) if known else None,
        "orders_count": len(found),
        "amounts": [
            {"currency": currency, "amount": sum(row.amount for row in found if row.currency == currency)}
            for currency in sorted(currencies, key=str)
        ],
        "orders": [
            {"order_id": row.order_id, "article": row.article, "status": row.status, "amount": row.amount}
            for row in found[:MOST_ORDERS]
        ],
        "left_out": max(0, len(found) - MOST_ORDERS),
    }


TOOL = Tool(
    name="supply_contents",
    description="List the orders of one supply (a delivery to the marketplace's warehouse) and their sum.",
    arguments=LookIntoSupply,
    run=look,
)
