"""Does the table hold what the sandbox says happened? Column by column, read anew from the sandbox's own JSON."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from ops.output import numbered

SHOWN = 5


@dataclass(frozen=True)
class Difference:
    """One order that is not in the table as the marketplace has it."""

    seller: str
    order_id: str
    what: str

    def __str__(self) -> str:
        return f"{self.seller}: order {self.order_id}: {self.what}"


@dataclass(frozen=True)
class Comparison:
    """The outcome for one seller."""

    seller: str
    at_marketplace: int
    in_table: int
    differences: Sequence[Difference]


def _first(value: list[str] | None) -> str | None:
    return value[0] if value else None


def _roubles(kopecks: int | None) -> Decimal:
    return Decimal(kopecks or 0).scaleb(-2)


Columns = Mapping[str, Callable[[Mapping[str, Any]], Any]]
"""What a column must hold, read from the sandbox's JSON of the order."""

# Written down a second time, apart from the client that fills the columns: a fault there shows as a difference here.
LISTED: Columns = {
    "rid": lambda order: order["rid"],
    "order_uid": lambda order: order["orderUid"],
    "nm_id": lambda order: order["nmId"],
    "chrt_id": lambda order: order["chrtId"],
    "article": lambda order: order["article"],
    "sku": lambda order: _first(order["skus"]),
    "wb_delivery_type": lambda order: order["deliveryType"],
    "cargo_type": lambda order: order["cargoType"],
    "warehouse_id": lambda order: str(order["warehouseId"]),
    "office": lambda order: _first(order["offices"]),
    "total_amount": lambda order: _roubles(order["convertedPrice"]),
    "price": lambda order: order["price"],
    "scan_price": lambda order: order["scanPrice"],
    "converted_price": lambda order: order["convertedPrice"],
    "currency_code": lambda order: order["currencyCode"],
    "converted_currency_code": lambda order: order["convertedCurrencyCode"],
    "is_b2b": lambda order: order["options"]["isB2B"],
    "is_zero_order": lambda order: order["isZeroOrder"],
    "ordered_at": lambda order: datetime.fromisoformat(order["createdAt"]),
}
"""Columns that come with the order itself."""
FOLLOWING: Columns = {
    "wb_status": lambda order: order["wbStatus"],
    "wb_supplier_status": lambda order: order["supplierStatus"],
    "supply_id": lambda order: order.get("supplyId"),
}
"""Columns that the syncs of statuses and supplies bring later."""


def compare(
    seller: str,
    truth: Sequence[Mapping[str, Any]],
    table: Mapping[str, Mapping[str, Any]],
    columns: Columns = LISTED,
) -> Comparison:
    """Compare one seller's orders.

    Args:
        seller: its name, for the differences.
        truth: the sandbox's orders, as GET /sandbox/truth gives them.
        table: the stored orders by marketplace id (`stored_rows.orders`).
        columns: what to compare of an order that is there.
    """
    expected = {str(order["id"]): order for order in truth}
    found = [Difference(seller, order_id, "missing in the table") for order_id in expected.keys() - table.keys()]
    found += [Difference(seller, order_id, "never existed") for order_id in table.keys() - expected.keys()]
    found += [
        Difference(seller, order_id, f"{column} is {table[order_id][column]!r}, the marketplace says {wanted!r}")
        for order_id in sorted(expected.keys() & table.keys())
        for column, read in columns.items()
        if table[order_id][column] != (wanted := read(expected[order_id]))
    ]
    return Comparison(seller, len(expected), len(table), found)


def told(comparisons: Sequence[Comparison]) -> str:
    """Counts by seller, and the first differences."""
    lines = [
        f"{one.seller}: {numbered(one.at_marketplace, 'order')} at the marketplace, {one.in_table} in the table, "
        f"{numbered(len(one.differences), 'difference')}"
        for one in comparisons
    ]
    differences = [difference for one in comparisons for difference in one.differences]
    lines += [f"  {difference}" for difference in differences[:SHOWN]]
    return "\n".join(lines)
