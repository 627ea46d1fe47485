"""find_orders: orders and their status."""

from datetime import date, timedelta

from pydantic import Field
from sqlalchemy import func, select

from sellermind.agents.order_rows import day_start, order_rows
from sellermind.agents.tool import Desk, Facts, Tool
from sellermind.models.payload import Payload


class FindOrders(Payload):
    """Which orders; what is left out does not matter."""

    order_id: str | None = Field(None, max_length=50, description="the marketplace's order number")
    status: str | None = Field(None, max_length=30, description="such as new, in_assembly, in_delivery, cancelled")
    article: str | None = Field(None, max_length=100, description="the seller's article")
    account_id: int | None = Field(None, ge=1, le=10**12, description="one marketplace account")
    since: date | None = Field(None, description="ordered on or after this day, YYYY-MM-DD")
    until: date | None = Field(None, description="ordered on or before this day, YYYY-MM-DD")
    page: int = Field(1, ge=1, le=1000, description="1 is the newest orders")
    limit: int = Field(20, ge=1, le=50, description="orders on a page")


def find(desk: Desk, wanted: FindOrders) -> Facts:
    """One page of orders, the newest first, and how many there are."""
    rows = order_rows(desk, wanted.account_id)
    conditions = [
        rows.c[name] == value
        for name, value in (("order_id", wanted.order_id), ("status", wanted.status), ("article", wanted.article))
        if value is not None
    ]
    if wanted.since:
        conditions.append(rows.c.ordered_at >= day_start(wanted.since))
    if wanted.until:
        conditions.append(rows.c.ordered_at < day_start(wanted.until + timedelta(days=1)))
    total = desk.connection.execute(select(func.count()).select_from(rows).where(*conditions)).scalar_one()
    query = select(rows).where(*conditions).order_by(rows.c.ordered_at.desc(), rows.c.order_id.desc())
    found = desk.connection.execute(query.limit(wanted.limit).offset((wanted.page - 1) * wanted.limit))
    more = total > wanted.page * wanted.limit
    return {
        "total": total,
        "orders": [{name: value for name, value in row._mapping.items() if value is not None} for row in found],
        "next_page": wanted.page + 1 if more else None,
    }


TOOL = Tool(
    name="find_orders",
    description="Find the seller's orders by number, status, article, account or day, with their status and amount.",
    arguments=FindOrders,
    run=find,
)
