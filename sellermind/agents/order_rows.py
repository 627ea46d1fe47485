"""The orders of all marketplaces in one form, as tools ask for them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import CompoundSelect, Select, Subquery, case, func, literal, null, select, union_all

from sellermind.agents.tool import Desk
from sellermind.models.accounts import Marketplace
from sellermind.storage.tables.orders import wb_orders
from sellermind.storage.tables.uzum import uzum_orders

CURRENCIES = {51: "AMD", 156: "CNY", 398: "KZT", 417: "KGS", 643: "RUB", 860: "UZS", 933: "BYN", 972: "TJS", 981: "GEL"}
"""Of sellers at Wildberries, which states the currency of `total_amount` as a number of ISO 4217."""


def order_rows(desk: Desk, account_id: int | None = None) -> Subquery:
    """Orders of the scope's accounts: id, marketplace, account, article, status, amount, currency, time, supply.

    Args:
        desk: whose orders.
        account_id: of one account only.

    Raises:
        RecordGone: the account is none of the scope's.
    """
    wanted = desk.accounts(account_id)
    parts: CompoundSelect[Any] = union_all(_wildberries(wanted), _uzum(wanted))
    return parts.subquery("orders")


def _wildberries(accounts: Sequence[int]) -> Select[Any]:
    order = wb_orders.c
    return select(
        literal(Marketplace.WILDBERRIES.value).label("marketplace"),
        order.marketplace_account_id.label("account_id"),
        order.external_order_id.label("order_id"),
        order.article.label("article"),
        order.status.label("status"),
        order.total_amount.label("amount"),
        func.coalesce(order.currency, case(CURRENCIES, value=order.converted_currency_code)).label("currency"),
        order.ordered_at.label("ordered_at"),
        order.supply_id.label("supply_id"),
    ).where(order.marketplace_account_id.in_(accounts))


def _uzum(accounts: Sequence[int]) -> Select[Any]:
    order = uzum_orders.c
    return select(
        literal(Marketplace.UZUM.value),
        order.marketplace_account_id,
        order.external_order_id,
        null(),
        order.status,
        order.total_amount,
        order.currency,
        order.ordered_at,
        null(),
    ).where(order.marketplace_account_id.in_(accounts))


def day_start(day: date) -> datetime:
    """Midnight UTC."""
    return datetime.combine(day, time(), UTC)
