"""Supplies and statuses as Wildberries states them, to our models."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, PlainValidator

from sellermind.marketplaces.rows import Key, Row, Text, Whole
from sellermind.marketplaces.times import wildberries_time
from sellermind.models.orders import OrderStatus
from sellermind.models.supplies import SupplyFacts

Time = Annotated[datetime, PlainValidator(wildberries_time, json_schema_input_type=str)]
Name = Annotated[str, Field(min_length=1, max_length=255)]


class StatusRow(Row):
    """Schema OrderStatus. Both statuses are required by us: a reading without one must not wipe the one we have."""

    id: Key
    supplier_status: Name = Field(alias="supplierStatus")
    wb_status: Name = Field(alias="wbStatus")


class SupplyRow(Row):
    """Schema Supply. Only `id` is required: the specification requires no field at all."""

    id: Name
    name: Text | None = None
    done: bool | None = None
    created_at: Time | None = Field(None, alias="createdAt")
    closed_at: Time | None = Field(None, alias="closedAt")
    scanned_at: Time | None = Field(None, alias="scanDt")
    cargo_type: Whole | None = Field(None, alias="cargoType")


class OrderIdRow(Row):
    """One number of V3SupplyOrderIDsAPI.orderIds."""

    id: Key


class BoxRow(Row):
    """One entry of `trbxes`; Wildberries tells nothing of a box but its id."""

    id: Name


def read_status(row: Any) -> tuple[int, OrderStatus]:
    """Read the statuses of one order.

    Raises:
        ValidationError: no id, or a status missing.
    """
    found = StatusRow.model_validate(row)
    return found.id, OrderStatus(
        external_order_id=str(found.id), supplier_status=found.supplier_status, wb_status=found.wb_status
    )


def read_supply(row: Any) -> tuple[str, SupplyFacts]:
    """Read one supply.

    Raises:
        ValidationError: no id, or a value that our columns cannot hold.
    """
    found = SupplyRow.model_validate(row)
    return found.id, SupplyFacts(
        external_supply_id=found.id,
        name=found.name,
        done=bool(found.done),
        opened_at=found.created_at,
        closed_at=found.closed_at,
        scanned_at=found.scanned_at,
        cargo_type=found.cargo_type,
        raw_payload=row,
    )


def read_order_id(row: Any) -> tuple[str, str]:
    """Read the id of an order in a supply.

    Raises:
        ValidationError: it is no id.
    """
    found = str(OrderIdRow.model_validate({"id": row}).id)
    return found, found


def read_box(row: Any) -> tuple[str, str]:
    """Read the id of a box in a supply.

    Raises:
        ValidationError: it has none.
    """
    found = BoxRow.model_validate(row).id
    return found, found
