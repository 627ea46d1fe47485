"""Uzum orders as Uzum states them, in our columns' terms."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import Field

from sellermind.models.orders import SetAside
from sellermind.models.payload import Payload

UZUM_STATUSES = (
    "CREATED",
    "PACKING",
    "PENDING_DELIVERY",
    "DELIVERING",
    "ACCEPTED_AT_DP",
    "DELIVERED",
    "DELIVERED_TO_CUSTOMER_DELIVERY_POINT",
    "COMPLETED",
    "CANCELED",
    "PENDING_CANCELLATION",
    "RETURNED",
)
"""All statuses of an order: Uzum lists one per call (GET /v2/fbs/orders), and without one only CREATED or nothing."""


class UzumItem(Payload):
    """One line of an Uzum order; columns of `uzum_order_items`. Prices are whole soums."""

    external_item_id: str
    """Uzum's id of the line, or `#<position>` for a line without one: unique within its order."""
    external_offer_id: str | None = None
    name: str | None = None
    quantity: int = 1
    price: Decimal | None = None
    total_price: Decimal | None = None
    raw_payload: dict[str, Any] = Field(default_factory=dict)


class UzumOrder(Payload):
    """What GET /v2/fbs/orders says of an order; columns of `uzum_orders`, of which the listing owns all."""

    external_order_id: str
    uzum_status: str
    delivery_type: str | None = None
    shop_id: str | None = None
    customer_name: str | None = None
    customer_phone: str | None = None
    total_amount: Decimal | None = None
    currency: str = "UZS"
    ordered_at: datetime | None = None
    delivered_at: datetime | None = None
    delivery_address_full: str | None = None
    delivery_city: str | None = None
    delivery_street: str | None = None
    delivery_home: str | None = None
    delivery_flat: str | None = None
    delivery_longitude: float | None = None
    delivery_latitude: float | None = None
    items: tuple[UzumItem, ...] = ()
    raw_payload: dict[str, Any] = Field(default_factory=dict)


class UzumOrderPage(Payload):
    """One page of one status; `next` is the number of the next page, None after the last one."""

    orders: tuple[UzumOrder, ...]
    set_aside: tuple[SetAside, ...]
    read_at: datetime
    next: int | None


class UzumShop(Payload):
    """A shop of the token's owner (GET /v1/shops)."""

    external_id: str
    name: str | None = None


class UzumShopList(Payload):
    """All shops that a token may ask about."""

    shops: tuple[UzumShop, ...]
    set_aside: tuple[SetAside, ...]
