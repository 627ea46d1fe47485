"""The floor: the same requests and rows without a queue, a budget, an outbox or a cursor. Nothing survives a kill."""

import time
from collections.abc import Iterator, Sequence
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

THREADS = 20
SPAN = timedelta(days=89)
WINDOW = timedelta(days=30) - timedelta(hours=1)
AHEAD = timedelta(hours=22)
KEY = ("marketplace_account_id", "external_order_id")
Row = dict[str, Any]


async def seconds(scene: Scene) -> float:
    """Sync every account once, in 20 threads of this process; how long it took, connections included."""
    product = await scene.product()
    url = product.settings.database_url
    product.engine.dispose()
    with product.engine.connect() as connection:
        ids = list(connection.execute(select(marketplace_accounts.c.id).order_by(marketplace_accounts.c.id)).scalars())
    began = time.monotonic()
    engine = build_engine(url)
    with httpx.Client(base_url=scene.sandbox.base_url, timeout=30) as http, ThreadPoolExecutor(THREADS) as threads:
        tokens = [card["token"] for card in scene.cards]
        counts = list(threads.map(lambda pair: _sync(engine, http, *pair), zip(ids, tokens, strict=True)))
    took = time.monotonic() - began
    assert sum(counts) == scene.load.total
    engine.dispose()
    return took


def _sync(engine: Engine, http: httpx.Client, account_id: int, token: str) -> int:
    stored = 0
    for orders in _pages(http, token):
        statuses = _statuses(http, token, orders)
        rows = [_row(account_id, order, statuses[order["id"]]) for order in orders]
        with engine.begin() as connection:
            upsert(connection, wb_orders, rows, key=KEY, owned=[name for name in rows[0] if name not in KEY])
        stored += len(rows)
    return stored


def _pages(http: httpx.Client, token: str) -> Iterator[Sequence[Row]]:
    """The three windows that the product asks for."""
    since, until = datetime.now(UTC) - SPAN, datetime.now(UTC) + AHEAD
    seen: set[int] = set()
    while since + timedelta(hours=1) < until:
        dates = {"dateFrom": int(since.timestamp()), "dateTo": int(min(since + timedelta(days=30), until).timestamp())}
        answer = http.get(
            "/api/v3/orders", params={"limit": 1000, "next": 0, **dates}, headers={"Authorization": token}
        ).raise_for_status()
        found = [order for order in answer.json()["orders"] if order["id"] not in seen]
        seen |= {order["id"] for order in found}
        if found:
            yield found
        since += WINDOW


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
