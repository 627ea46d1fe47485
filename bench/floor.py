"""The floor: the same requests and rows without a queue, a budget, an outbox or a cursor. Nothing survives a kill."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import Engine, select

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


async def seconds(scene: Scene) -> float:
    """Sync every account once, in 20 threads of this process; how long it took, connections included."""
    product = await scene.product()
    url, ids = product.settings.database_url, accounts_of(product)
    product.engine.dispose()
    began = time.monotonic()
    engine = build_engine(url)
    with httpx.Client(base_url=scene.sandbox.base_url, timeout=30) as http, ThreadPoolExecutor(THREADS) as threads:
        tokens = [card["token"] for card in scene.cards]
        counts = list(threads.map(lambda pair: _sync(engine, http, *pair), zip(ids, tokens, strict=True)))
    took = time.monotonic() - began
    assert sum(counts) == scene.load.total
    engine.dispose()
    return took


def accounts_of(product: Product) -> list[int]:
    """Rows of `marketplace_accounts`, in the order of the sandbox's sellers."""
    with product.engine.connect() as connection:
        query = select(marketplace_accounts.c.id).order_by(marketplace_accounts.c.id)
        return list(connection.execute(query).scalars())


def _sync(engine: Engine, http: httpx.Client, account_id: int, token: str) -> int:
    return sum(sync_window(engine, http, account_id, token, number) for number in range(WINDOWS))


def sync_window(engine: Engine, http: httpx.Client, account_id: int, token: str, number: int) -> int:
    """Ask a window's orders and their statuses, and store them; gives how many there were."""
    orders = _listed(http, token, number)
    if not orders:
        return 0
    statuses = _statuses(http, token, orders)
    rows = [_row(account_id, order, statuses[order["id"]]) for order in orders]
    with engine.begin() as connection:
        upsert(connection, wb_orders, rows, key=KEY, owned=[name for name in rows[0] if name not in KEY])
    return len(rows)


def _listed(http: httpx.Client, token: str, number: int) -> Sequence[Row]:
    """One of the three windows that the product asks for; they are laid side by side, so nothing comes twice."""
    now = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = now - SPAN + number * WINDOW
    dates = {"dateFrom": int(since.timestamp()), "dateTo": int((since + WINDOW).timestamp()) - 1}
    asked = {"limit": 1000, "next": 0, **dates}
    answer = http.get("/api/v3/orders", params=asked, headers={"Authorization": token}).raise_for_status()
    found: Sequence[Row] = answer.json()["orders"]
    return found


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
