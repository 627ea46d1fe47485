"""What each column about an Uzum order must hold, read from the sandbox's JSON of the order."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from ops.demo.comparison import Columns

MEANINGS = {
    "CREATED": "new",
    "PACKING": "in_assembly",
    "PENDING_DELIVERY": "in_supply",
    "DELIVERING": "accepted_uzum",
    "ACCEPTED_AT_DP": "accepted_uzum",
    "DELIVERED": "accepted_uzum",
    "DELIVERED_TO_CUSTOMER_DELIVERY_POINT": "waiting_pickup",
    "COMPLETED": "issued",
    "CANCELED": "cancelled",
    "PENDING_CANCELLATION": "cancelled",
    "RETURNED": "returns",
}


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _buyer(order: Mapping[str, Any]) -> Mapping[str, Any]:
    return order["deliveryInfo"] or {}


def _address(order: Mapping[str, Any]) -> str | None:
    return (_buyer(order).get("address") or {}).get("fullAddress") or _buyer(order).get("deliveryAddress")


UZUM: Columns = {
    "uzum_status": lambda order: order["status"],
    "status": lambda order: MEANINGS[order["status"]],
    "status_normalized": lambda order: MEANINGS[order["status"]],
    "delivery_type": lambda order: order["scheme"],
    "shop_id": lambda order: str(order["shopId"]),
    "customer_name": lambda order: _buyer(order).get("customerFullname"),
    "customer_phone": lambda order: _buyer(order).get("customerPhone"),
    "total_amount": lambda order: Decimal(order["price"]),
    "currency": lambda _: "UZS",
    "ordered_at": lambda order: _time(order["dateCreated"]),
    "delivered_at": lambda order: _time(order["completedDate"]),
    "delivery_address_full": _address,
}
UZUM_ITEM: Columns = {
    "external_item_id": lambda item: str(item["id"]),
    "external_offer_id": lambda item: str(item["skuId"]),
    "name": lambda item: item["skuTitle"],
    "quantity": lambda item: item["amount"],
    "price": lambda item: Decimal(item["sellerPrice"]),
    "total_price": lambda item: Decimal(item["sellerPrice"]) * item["amount"],
}
