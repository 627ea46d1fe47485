"""Does everything we keep of an account equal what the sandbox says? All columns that the syncs own, of every table.

Written down a second time, apart from the code that fills the tables: a fault there shows as a difference here.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from ops.demo.comparison import FOLLOWING, LISTED, Columns, Comparison, Difference
from ops.demo.uzum_columns import UZUM, UZUM_ITEM
from ops.output import numbered
from sellermind.models.accounts import Marketplace
from sellermind.storage import stored_rows
from sellermind.storage.stored_rows import RowOf

Truth = Mapping[str, Any]
"""One seller of GET /sandbox/truth."""

CANCELLED = {"canceled", "canceled_by_client", "canceled_by_carrier", "declined_by_client", "defect"}
AT_MARKETPLACE = {"sent_to_carrier", "accepted_by_carrier", "ready_for_pickup", "postponed_delivery"}
GROUPS = {
    "cancelled": "canceled",
    "completed": "archive",
    "in_delivery": "shipping",
    "in_assembly": "assembling",
    "new": "new",
}


def _meaning(order: Mapping[str, Any]) -> str:
    """SellerMind's word for an order."""
    seller, marketplace = order["supplierStatus"], order["wbStatus"]
    if marketplace in CANCELLED or seller in {"cancel", "cancel_carrier"}:
        return "cancelled"
    if marketplace == "sold":
        return "completed"
    if seller == "complete" or marketplace in AT_MARKETPLACE:
        return "in_delivery"
    return "in_assembly" if seller == "confirm" else "new"


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _amount(kopecks: int | None) -> Decimal:
    return Decimal(kopecks or 0).scaleb(-2)


WILDBERRIES: Columns = {
    **LISTED,
    **FOLLOWING,
    "status": _meaning,
    "status_normalized": _meaning,
    "wb_status_group": lambda order: GROUPS[_meaning(order)],
}
WILDBERRIES_ITEM: Columns = {
    "external_offer_id": lambda order: str(order["nmId"]),
    "name": lambda order: order["article"],
    "quantity": lambda _: 1,
    "price": lambda order: _amount(order["convertedPrice"]),
    "total_price": lambda order: _amount(order["convertedPrice"]),
}
SUPPLY: Columns = {
    "name": lambda supply: supply["name"],
    "wb_state": lambda supply: "accepted" if supply["scanDt"] else "closed" if supply["done"] else "open",
    "opened_at": lambda supply: _time(supply["createdAt"]),
    "closed_at": lambda supply: _time(supply["closedAt"]),
    "delivered_at": lambda supply: _time(supply["scanDt"]),
    "cargo_type": lambda supply: str(supply["cargoType"]),
    "boxes_count": lambda supply: len(supply["boxes"]),
    "boxes": lambda supply: set(supply["boxes"]),
}
LIVE_SUPPLY: Columns = {"orders_count": lambda supply: len(supply["orderIds"])}
"""What is read of a supply only until Wildberries has accepted it."""


def compare_account(connection: Connection, account_id: int, truth: Truth) -> Comparison:
    """Compare all that the tables hold of an account with one seller's truth.

    Args:
        connection: inside a transaction.
        account_id: row of `marketplace_accounts`.
        truth: the seller, as GET /sandbox/truth gives it.
    """
    marketplace = Marketplace.UZUM if truth["marketplace"] == "uzum" else Marketplace.WILDBERRIES
    orders = stored_rows.orders(connection, account_id, marketplace)
    expected = {str(order["id"]): order for order in truth["orders"]}
    columns = UZUM if marketplace is Marketplace.UZUM else WILDBERRIES
    found = [*_rows("", expected, orders, columns), *_items(expected, orders, marketplace)]
    found += told_differences(connection, account_id, orders)
    if marketplace is Marketplace.WILDBERRIES:
        found += _supplies(truth, stored_rows.supply_rows(connection, account_id))
    differences = [Difference(truth["name"], row_id, what) for row_id, what in found]
    return Comparison(truth["name"], len(expected), len(orders), differences)


def _rows(kind: str, expected: Mapping[str, Any], stored: RowOf, columns: Columns) -> Iterator[tuple[str, str]]:
    """Rows that are missing, that never existed, or that say something else."""
    for row_id in expected.keys() - stored.keys():
        yield row_id, f"{kind}missing in the table"
    for row_id in stored.keys() - expected.keys():
        yield row_id, f"{kind}never existed"
    for row_id in sorted(expected.keys() & stored.keys()):
        yield from ((row_id, what) for what in _columns(expected[row_id], stored[row_id], columns))


def _columns(truth: Mapping[str, Any], row: Mapping[str, Any], columns: Columns) -> Iterator[str]:
    for column, read in columns.items():
        if row[column] != (wanted := read(truth)):
            yield f"{column} is {row[column]!r}, the marketplace says {wanted!r}"


def _items(expected: Mapping[str, Any], orders: RowOf, marketplace: Marketplace) -> Iterator[tuple[str, str]]:
    """Each order has each of its items once."""
    for order_id in expected.keys() & orders.keys():
        lines, items = [expected[order_id]], orders[order_id]["items"]
        columns = WILDBERRIES_ITEM
        if marketplace is Marketplace.UZUM:
            lines, columns = expected[order_id]["orderItems"], UZUM_ITEM
            items = sorted(items, key=lambda item: int(item["external_item_id"]))
        if len(items) != len(lines):
            yield order_id, f"has {numbered(len(items), 'item')}, not {len(lines)}"
            continue
        for line, item in zip(lines, items, strict=True):
            yield from ((order_id, f"item: {what}") for what in _columns(line, item, columns))


HISTORY = ("status", "marketplace_status", "supplier_status")


def told_differences(connection: Connection, account_id: int, orders: RowOf) -> Iterator[tuple[str, str]]:
    """Where the outbox or the history do not fit the orders: so at no moment, whatever the marketplace says.

    Each order was announced once, and so was each change of its status; both end with what it is now.

    Args:
        connection: inside a transaction.
        account_id: row of `marketplace_accounts`.
        orders: its stored orders.

    Yields:
        An order's id, and what is wrong.
    """
    told, seen = stored_rows.told(connection, account_id), stored_rows.seen(connection, account_id)
    for order_id, row in orders.items():
        created = sum(event["event"] == "created" for event in told[order_id])
        if created != 1:
            yield order_id, f"was announced as created {created} times"
        said = told[order_id][-1]["status"] if told[order_id] else None
        if said != row["status_normalized"]:
            yield order_id, f"its outbox ends with {said!r}, its status is {row['status_normalized']!r}"
        now = (row["status"], row.get("wb_status", row.get("uzum_status")), row.get("wb_supplier_status"))
        last = tuple(seen[order_id][-1][name] for name in HISTORY) if seen[order_id] else (row["status"], None, None)
        if last != now:
            yield order_id, f"its history ends with {last}, its status is {now}"
        # The first reading may come along with the order itself, which is announced as of its listing.
        untold = {each["read_at"] for each in seen[order_id][1:]} - {event["read_at"] for event in told[order_id]}
        for read_at in sorted(untold):
            yield order_id, f"the status of {read_at} was never announced"


def _supplies(truth: Truth, stored: RowOf) -> Iterator[tuple[str, str]]:
    """A supply that the seller deleted stays in the table, marked by the listings that lacked it."""
    expected = {supply["id"]: supply for supply in truth["supplies"]}
    kept = {row_id: row for row_id, row in stored.items() if row_id in expected or not row["missed_in"]}
    yield from _rows("the supply: ", expected, kept, SUPPLY)
    live = {supply_id: supply for supply_id, supply in expected.items() if not supply["scanDt"]}
    for supply_id in live.keys() & kept.keys():
        yield from ((supply_id, what) for what in _columns(live[supply_id], kept[supply_id], LIVE_SUPPLY))
    for supply_id in expected.keys() & kept.keys():
        if kept[supply_id]["missing_since"]:
            yield supply_id, "the supply: is marked as missing, and is not"
