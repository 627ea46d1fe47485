"""The floor: the same requests and rows without a queue, a budget, an outbox or a cursor. Nothing survives a kill."""

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import Engine, select

from bench.cpu import Meter
from bench.scene import Scene
from sellermind.storage.engine import build_engine
from sellermind.storage.tables.accounts import marketplace_accounts
from sellermind.storage.tables.orders import wb_orders
from sellermind.storage.upsert import upsert
from tests.fixtures.product import Product

THREADS = 20
SPAN = timedelta(days=89)
WINDOW = timedelta(days=30)
WINDOWS = 3
KEY = ("marketplace_account_id", "external_order_id")
Row = dict[str, Any]


@dataclass(frozen=True)
class Seller:
    """Whose orders are asked, and where they go."""

    account_id: int
    token: str


async def sync(scene: Scene) -> dict[str, float]:
    """Sync every account once, in 20 threads of this process, connections included."""
    product = await scene.product()
    url, ids = product.settings.database_url, accounts_of(product)
    product.engine.dispose()
    meter, began = Meter(scene, [os.getpid()]), time.monotonic()
    engine = build_engine(url)
    with httpx.Client(base_url=scene.sandbox.base_url, timeout=30) as http, ThreadPoolExecutor(THREADS) as threads:
        sellers = [Seller(each, card["token"]) for each, card in zip(ids, scene.cards, strict=True)]
        counts = list(threads.map(lambda seller: _sync(engine, http, seller), sellers))
    figures = {"seconds": time.monotonic() - began, **meter.seconds()}
    assert sum(counts) == scene.load.total
    engine.dispose()
    return figures


def accounts_of(product: Product) -> list[int]:
    """Rows of `marketplace_accounts`, in the order of the sandbox's sellers."""
    with product.engine.connect() as connection:
        query = select(marketplace_accounts.c.id).order_by(marketplace_accounts.c.id)
        return list(connection.execute(query).scalars())


def _sync(engine: Engine, http: httpx.Client, seller: Seller) -> int:
    stored = 0
    for number in range(WINDOWS):
        following: int | None = 0
        while following is not None:
            count, following = sync_page(engine, http, seller, number, following)
            stored += count
    return stored


def sync_page(engine: Engine, http: httpx.Client, seller: Seller, number: int, cursor: int) -> tuple[int, int | None]:
    """Ask a page's orders and their statuses, and store them; how many there were, and the next page's cursor."""
    orders, following = _listed(http, seller.token, number, cursor)
    if not orders:
        return 0, None
    statuses = _statuses(http, seller.token, orders)
    rows = [_row(seller.account_id, order, statuses[order["id"]]) for order in orders]
    with engine.begin() as connection:
        upsert(connection, wb_orders, rows, key=KEY, owned=[name for name in rows[0] if name not in KEY])
    return len(rows), following or None


def _listed(http: httpx.Client, token: str, number: int, cursor: int) -> tuple[Sequence[Row], int]:
    """A page of one of the three windows that the product asks for; they lie side by side, so nothing comes twice."""
    now = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = now - SPAN + number * WINDOW
    dates = {"dateFrom": int(since.timestamp()), "dateTo": int((since + WINDOW).timestamp()) - 1}
    asked = {"limit": 1000, "next": cursor, **dates}
    answer = http.get("/api/v3/orders", params=asked, headers={"Authorization": token}).raise_for_status()
    found = answer.json()
    return found["orders"], found["next"]


def _statuses(http: httpx.Client, token: str, orders: Sequence[Row]) -> dict[int, Row]:
    asked = {"orders": [order["id"] for order in orders]}
    answer = http.post("/api/v3/orders/status", json=asked, headers={"Authorization": token}).raise_for_status()
    return {row["id"]: row for row in answer.json()["orders"]}


def _row(account_id: int, order: Row, status: Row) -> Row:
    return {
        "marketplace_account_id": account_id,
        "external_order_id": str(order["id"]),
        "rid": order["rid"],
        "order_uid": order["orderUid"],
        "nm_id": order["nmId"],
        "chrt_id": order["chrtId"],
        "article": order["article"],
        "sku": order["skus"][0],
        "wb_status": status["wbStatus"],
        "wb_supplier_status": status["supplierStatus"],
        "status": status["supplierStatus"],
        "total_amount": order["convertedPrice"] / 100,
        "price": order["price"],
        "ordered_at": datetime.fromisoformat(order["createdAt"]),
        "raw_payload": order,
    }
