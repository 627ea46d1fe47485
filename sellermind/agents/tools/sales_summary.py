"""sales_summary: what was sold in a period."""

from datetime import date, timedelta
from enum import StrEnum

from pydantic import Field
from sqlalchemy import func, select

from sellermind.agents.order_rows import day_start, order_rows
from sellermind.agents.tool import Desk, Facts, Tool
from sellermind.models.agents import Trust
from sellermind.models.payload import Payload

MOST_GROUPS = 100


class Grouping(StrEnum):
    """One line of the summary for each of these."""

    DAY = "day"
    STATUS = "status"
    ACCOUNT = "account"


class SummarizeSales(Payload):
    """Which period, and how it is broken down."""

    since: date = Field(description="first day, YYYY-MM-DD (UTC)")
    until: date = Field(description="last day, YYYY-MM-DD (UTC)")
    by: Grouping = Field(Grouping.STATUS, description="one line for each day, status or account")
    account_id: int | None = Field(None, ge=1, le=10**12, description="one marketplace account")


def summarize(desk: Desk, wanted: SummarizeSales) -> Facts:
    """Orders and amounts for each group and currency; cancelled ones count, and are apart only by status."""
    rows = order_rows(desk, wanted.account_id)
    groups = {
        Grouping.DAY: func.date(rows.c.ordered_at),
        Grouping.STATUS: rows.c.status,
        Grouping.ACCOUNT: rows.c.account_id,
    }
    group = groups[wanted.by].label("group")
    found = desk.connection.execute(
        select(group, rows.c.currency, func.count().label("orders"), func.sum(rows.c.amount).label("amount"))
        .where(rows.c.ordered_at >= day_start(wanted.since))
        .where(rows.c.ordered_at < day_start(wanted.until + timedelta(days=1)))
        .group_by(group, rows.c.currency)
        .order_by(group)
        .limit(MOST_GROUPS)
    )
    lines = [{wanted.by.value: r.group, "orders": r.orders, "amount": r.amount, "currency": r.currency} for r in found]
    return {"since": wanted.since, "until": wanted.until, "lines": lines}


TOOL = Tool(
    name="sales_summary",
    description="Sum up orders and amounts of a period, cancelled ones included, for each day, status or account.",
    arguments=SummarizeSales,
    run=summarize,
    trust=Trust.OWN,
)
