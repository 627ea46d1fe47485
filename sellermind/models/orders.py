"""Orders as the marketplaces state them, in our columns' terms.

What an answer says stays in its activity: thousands of rows, each checked where it was read. Tuples and dataclasses
hold it, which cost a third of a model that checks them once more.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sellermind.models.payload import Payload


class OrderFacts(NamedTuple):
    """What GET /api/v3/orders/new and /api/v3/orders say of a Wildberries assembly order (never its status).

    Field names are columns of `wb_orders`; amounts in minor units are integers, as the marketplace sends them.
    """

    external_order_id: str
    rid: str | None = None
    order_uid: str | None = None
    nm_id: int | None = None
    chrt_id: int | None = None
    article: str | None = None
    sku: str | None = None
    wb_delivery_type: str | None = None
    cargo_type: int | None = None
    warehouse_id: int | None = None
    office: str | None = None
    total_amount: Decimal | None = None
    price: int | None = None
    scan_price: int | None = None
    converted_price: int | None = None
    currency_code: int | None = None
    converted_currency_code: int | None = None
    is_b2b: bool = False
    is_zero_order: bool = False
    ordered_at: datetime | None = None
    raw_payload: dict[str, Any] = {}  # noqa: RUF012 - nobody changes what was read


class SetAside(Payload):
    """A row that could not be read: its id if it had one, and why."""

    external_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class OrderList:
    """One answer of an order listing: readable rows, rows set aside, and when it was read."""

    orders: tuple[OrderFacts, ...]
    set_aside: tuple[SetAside, ...]
    read_at: datetime


class Stored(Payload):
    """What storing one answer did; rows that fit no column are set aside, the others are in the table.

    `unknown` counts rows that are stored but say something we do not know: a new status, an order not met yet.
    """

    created: int = 0
    changed: int = 0
    unknown: int = 0
    set_aside: tuple[SetAside, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderPage(OrderList):
    """One page of an order listing; `next` is where the next page starts, None after the last one."""

    next: int | None


class OrderStatus(NamedTuple):
    """What POST /api/v3/orders/status says of one Wildberries order, in Wildberries' own words."""

    external_order_id: str
    supplier_status: str
    wb_status: str


@dataclass(frozen=True, slots=True)
class StatusList:
    """One answer about statuses; an order it leaves out keeps the status it has."""

    statuses: tuple[OrderStatus, ...]
    set_aside: tuple[SetAside, ...]
    read_at: datetime


NO_STATUSES = StatusList(statuses=(), set_aside=(), read_at=datetime.min.replace(tzinfo=UTC))
"""Nothing was asked."""


@dataclass(frozen=True, slots=True)
class OpenOrders:
    """Orders whose status may still change, in order of row; `last_row_id` is None when there are no more."""

    order_ids: tuple[int, ...] = ()
    last_row_id: int | None = None
