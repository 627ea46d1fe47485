"""Assembly orders as Wildberries lists them (GET /api/v3/orders/new and /api/v3/orders), to our columns."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, PlainValidator

from sellermind.marketplaces.rows import BIGINT, Key, Row, Text, Whole
from sellermind.marketplaces.times import wildberries_time
from sellermind.models.orders import OrderFacts

LARGEST_AMOUNT = 10**14 - 1
"""Minor units that fit `total_amount` DECIMAL(14,2)."""


class OrderOptions(Row):
    """Schema OrderOptions."""

    is_b2b: bool | None = Field(None, alias="isB2B")


class OrderRow(Row):
    """Schemas OrderNew and Order. Only `id` is required: the specification requires no field at all."""

    id: Key
    rid: Text | None = None
    order_uid: Text | None = Field(None, alias="orderUid")
    nm_id: Whole | None = Field(None, alias="nmId")
    chrt_id: Whole | None = Field(None, alias="chrtId")
    article: Text | None = None
    skus: list[Text] | None = None
    offices: list[Text] | None = None
    delivery_type: Text | None = Field(None, alias="deliveryType")
    cargo_type: Whole | None = Field(None, alias="cargoType")
    warehouse_id: Whole | None = Field(None, alias="warehouseId")
    price: Whole | None = None
    converted_price: Annotated[Whole, Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)] | None = Field(
        None, alias="convertedPrice"
    )
    scan_price: Annotated[float, Field(ge=-BIGINT, le=BIGINT)] | None = Field(None, alias="scanPrice")
    currency_code: Whole | None = Field(None, alias="currencyCode")
    converted_currency_code: Whole | None = Field(None, alias="convertedCurrencyCode")
    is_zero_order: bool | None = Field(None, alias="isZeroOrder")
    options: OrderOptions | None = None
    created_at: Annotated[datetime, PlainValidator(wildberries_time, json_schema_input_type=str)] | None = Field(
        None, alias="createdAt"
    )


def read_order(row: Any) -> tuple[int, OrderFacts]:
    """Read one order.

    `total_amount` is the converted price: it is in the seller's own currency, so that a seller's orders can be summed,
    while `price` is in the currency of the country of sale. Both are sent times 100, whatever the currency.
    `sku` is the first barcode, `office` the first destination.

    Raises:
        ValidationError: no id, or a value that our columns cannot hold.
    """
    found = OrderRow.model_validate(row)
    facts = OrderFacts(
        external_order_id=str(found.id),
        rid=found.rid,
        order_uid=found.order_uid,
        nm_id=found.nm_id,
        chrt_id=found.chrt_id,
        article=found.article,
        sku=found.skus[0] if found.skus else None,
        wb_delivery_type=found.delivery_type,
        cargo_type=found.cargo_type,
        warehouse_id=found.warehouse_id,
        office=found.offices[0] if found.offices else None,
        total_amount=None if found.converted_price is None else Decimal(found.converted_price).scaleb(-2),
        price=found.price,
        scan_price=None if found.scan_price is None else round(found.scan_price),
        converted_price=found.converted_price,
        currency_code=found.currency_code,
        converted_currency_code=found.converted_currency_code,
        is_b2b=bool(found.options and found.options.is_b2b),
        is_zero_order=bool(found.is_zero_order),
        ordered_at=found.created_at,
        raw_payload=row,
    )
    return found.id, facts
