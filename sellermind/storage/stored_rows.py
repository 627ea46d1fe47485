"""What the tables hold of one account, row by row: for comparing it with what a marketplace says."""

from collections import defaultdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select

from sellermind.models.accounts import Marketplace
from sellermind.storage.tables.orders import order_events, order_status_history, wb_order_items, wb_orders
from sellermind.storage.tables.supplies import supplies, tares
from sellermind.storage.tables.uzum import uzum_order_items, uzum_orders

RowOf = dict[str, dict[str, Any]]
"""Rows by the marketplace's id, each by column; without the raw payload."""
RowsOf = defaultdict[str, list[dict[str, Any]]]
"""Rows of each order, by the marketplace's id of it."""

ORDERS = {
    Marketplace.WILDBERRIES: (wb_orders, wb_order_items, wb_order_items.c.wb_order_id),
    Marketplace.UZUM: (uzum_orders, uzum_order_items, uzum_order_items.c.uzum_order_id),
}


def orders(connection: Connection, account_id: int, marketplace: Marketplace) -> RowOf:
    """Every stored order of an account; its items are under `items`."""
    table, lines, of_order = ORDERS[marketplace]
    found = _rows(connection, table, account_id, "external_order_id")
    items: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    query = select(*_columns(lines)).join(table, table.c.id == of_order)
    for row in connection.execute(query.where(table.c.marketplace_account_id == account_id).order_by(lines.c.id)):
        items[getattr(row, of_order.name)].append(dict(row._mapping))
    return {order_id: row | {"items": items[row["id"]]} for order_id, row in found.items()}


def supply_rows(connection: Connection, account_id: int) -> RowOf:
    """Every stored supply of an account; the ids of its boxes that are still listed are under `boxes`."""
    found = _rows(connection, supplies, account_id, "external_supply_id")
    boxes: defaultdict[int, set[str]] = defaultdict(set)
    query = select(tares.c.supply_id, tares.c.external_tare_id).join(supplies, supplies.c.id == tares.c.supply_id)
    query = query.where(supplies.c.marketplace_account_id == account_id, tares.c.missing_since.is_(None))
    for supply_id, box in connection.execute(query):
        boxes[supply_id].add(box)
    return {supply_id: row | {"boxes": boxes[row["id"]]} for supply_id, row in found.items()}


def told(connection: Connection, account_id: int) -> RowsOf:
    """What the outbox says of each order, in the order in which it was written."""
    return _by_order(connection, order_events, account_id, order_events.c.id)


def seen(connection: Connection, account_id: int) -> RowsOf:
    """The status history of each order, in the order in which the marketplace was asked."""
    return _by_order(connection, order_status_history, account_id, order_status_history.c.read_at)


def _by_order(connection: Connection, table: Table, account_id: int, place: ColumnElement[Any]) -> RowsOf:
    found: RowsOf = defaultdict(list)
    query = select(*table.c).where(table.c.marketplace_account_id == account_id).order_by(place, table.c.id)
    for row in connection.execute(query):
        found[row.external_order_id].append(dict(row._mapping))
    return found


def _rows(connection: Connection, table: Table, account_id: int, key: str) -> RowOf:
    query = select(*_columns(table)).where(table.c.marketplace_account_id == account_id)
    rows = (dict(row._mapping) for row in connection.execute(query))
    return {row[key]: row for row in rows}


def _columns(table: Table) -> list[Any]:
    return [column for column in table.c if column.name not in {"raw_payload", "metadata"}]
