"""FBS and DBS orders as Uzum lists them (GET /v2/fbs/orders), to our columns."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator

from sellermind.marketplaces.rows import Key, Row, Text, Whole
from sellermind.marketplaces.times import uzum_time
from sellermind.models.uzum_orders import UzumItem, UzumOrder, UzumShop

Soums = Annotated[Decimal, Field(max_digits=14, decimal_places=2)]
"""An amount as it fits DECIMAL(14,2). Uzum sends whole soums, not hundredths."""
Time = Annotated[datetime, PlainValidator(uzum_time, json_schema_input_type=str | int)]
Cut = Annotated[str, AfterValidator(lambda text: text[:255])]
"""Text of a buyer, cut to its column: the whole of it is in the raw row, and no order is lost to a long address."""


class AddressRow(Row):
    """`deliveryInfo.address` of a DBS order, as SellerMind reads it; no specification names its fields."""

    full_address: Cut | None = Field(None, alias="fullAddress")
    city: Cut | None = None
    street: Cut | None = None
    house: Cut | None = None
    apartment: Cut | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None


class DeliveryRow(Row):
    """`deliveryInfo` of an order."""

    customer_name: Cut | None = Field(None, alias="customerFullname")
    customer_phone: Cut | None = Field(None, alias="customerPhone")
    delivery_address: Cut | None = Field(None, alias="deliveryAddress")
    address: AddressRow | None = None


class ItemRow(Row):
    """Schema OrderItem."""

    id: Key | None = None
    sku_id: Key | None = Field(None, alias="skuId")
    product_id: Key | None = Field(None, alias="productId")
    sku_title: Cut | None = Field(None, alias="skuTitle")
    product_title: Cut | None = Field(None, alias="productTitle")
    seller_price: Soums | None = Field(None, alias="sellerPrice")
    price: Soums | None = None
    amount: Annotated[Whole, Field(ge=0, le=2**31 - 1)] | None = None


class OrderRow(Row):
    """Schema Order. Only `id` and `status` are required, as the specification has it."""

    id: Key
    status: Annotated[str, Field(min_length=1, max_length=50)]
    scheme: Text | None = None
    shop_id: Whole | None = Field(None, alias="shopId")
    price: Soums | None = None
    created_at: Time | None = Field(None, alias="dateCreated")
    completed_at: Time | None = Field(None, alias="completedDate")
    delivery: DeliveryRow | None = Field(None, alias="deliveryInfo")
    items: list[ItemRow] | None = Field(None, alias="orderItems")


class ShopRow(Row):
    """Schema Shop."""

    id: Key
    name: Text | None = None


def read_order(row: Any) -> tuple[int, UzumOrder]:
    """Read one order.

    `total_amount` is the order's price in soums; `delivered_at` is when it was completed, in the buyer's hands.

    Raises:
        ValidationError: no id or status, or a value that our columns cannot hold.
    """
    found = OrderRow.model_validate(row)
    delivery = found.delivery or DeliveryRow()
    address = delivery.address or AddressRow()
    items = zip(found.items or (), row.get("orderItems") or (), strict=True)
    order = UzumOrder(
        external_order_id=str(found.id),
        uzum_status=found.status,
        delivery_type=found.scheme,
        shop_id=None if found.shop_id is None else str(found.shop_id),
        customer_name=delivery.customer_name,
        customer_phone=delivery.customer_phone,
        total_amount=found.price,
        ordered_at=found.created_at,
        delivered_at=found.completed_at,
        delivery_address_full=address.full_address or delivery.delivery_address,
        delivery_city=address.city,
        delivery_street=address.street,
        delivery_home=address.house,
        delivery_flat=address.apartment,
        delivery_longitude=address.longitude,
        delivery_latitude=address.latitude,
        items=tuple(_item(position, item, raw) for position, (item, raw) in enumerate(items, start=1)),
        raw_payload=row,
    )
    return found.id, order


def _item(position: int, found: ItemRow, raw: dict[str, Any]) -> UzumItem:
    """Read one line of an order."""
    offer = found.sku_id or found.product_id or found.id
    price = found.price if found.seller_price is None else found.seller_price
    quantity = 1 if found.amount is None else found.amount
    return UzumItem(
        external_item_id=str(found.id or f"#{position}"),
        external_offer_id=None if offer is None else str(offer),
        name=found.sku_title or found.product_title,
        quantity=quantity,
        price=price,
        total_price=None if price is None else price * quantity,
        raw_payload=raw,
    )


def read_shop(row: Any) -> tuple[int, UzumShop]:
    """Read one shop.

    Raises:
        ValidationError: no id.
    """
    found = ShopRow.model_validate(row)
    return found.id, UzumShop(external_id=str(found.id), name=found.name)
