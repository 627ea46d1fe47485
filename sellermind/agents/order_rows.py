"""The orders of all marketplaces in one form, as tools ask for them."""

from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import CompoundSelect, Subquery, literal, null, select, union_all

from sellermind.agents.tool import Desk
from sellermind.errors import RecordGone
from sellermind.models.accounts import Marketplace
from sellermind.storage.tables.orders import wb_orders


def order_rows(desk: Desk, account_id: int | None = None) -> Subquery:
    """Orders of the scope's accounts: id, marketplace, account, article, status, amount, currency, time, supply.

    Args:
        desk: whose orders.
        account_id: of one account only.

    Raises:
        RecordGone: the account is none of the scope's.
    """
    accounts = desk.scope.account_ids
    if account_id is not None and account_id not in accounts:
        raise RecordGone(f"There is no account {account_id}.")
    wanted = accounts if account_id is None else (account_id,)
    wb = wb_orders.c
    parts: CompoundSelect[Any] = union_all(
        select(
            literal(Marketplace.WILDBERRIES.value).label("marketplace"),
            wb.marketplace_account_id.label("account_id"),
            wb.external_order_id.label("order_id"),
            wb.article.label("article"),
            wb.status.label("status"),
            wb.total_amount.label("amount"),
            wb.currency.label("currency"),
            wb.ordered_at.label("ordered_at"),
            wb.supply_id.label("supply_id"),
            null().label("shop_id"),
        ).where(wb.marketplace_account_id.in_(wanted))
    )
    return parts.subquery("orders")


def day_start(day: date) -> datetime:
    """Midnight UTC."""
    return datetime.combine(day, time(), UTC)
