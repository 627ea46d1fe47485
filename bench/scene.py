"""The machine that is measured: MariaDB, Temporal, the sandbox, all real and all on this machine."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.converter import DataConverter

from ops.demo import temporal_server
from sandbox.limits import SECOND, WILDBERRIES_FBS
from sellermind.storage import schema
from sellermind.storage.engine import build_engine
from sellermind.storage.tables.orders import order_events, order_status_history, wb_order_items, wb_orders
from sellermind.storage.tables.syncs import marketplace_sync_logs, sync_cursors
from sellermind.temporal import data_converter
from tests.fixtures.database import MariaDbProcess
from tests.fixtures.ports import free_port
from tests.fixtures.product import Product, add_account, settings_for
from tests.fixtures.sandbox import Json, Sandbox, running_sandbox
from tests.fixtures.seller import unlimited

A_DAY = timedelta(days=1)
WRITTEN = (wb_orders, wb_order_items, order_events, order_status_history, sync_cursors, marketplace_sync_logs)
"""By a sync."""


@dataclass(frozen=True)
class Load:
    """What there is to be synced."""

    accounts: int
    orders: int
    """Of each account."""
    latency_ms: int
    days: int = 85
    """How far back the orders lie: 85 are three windows of the listing, 25 are one, and two that are empty."""
    rows: int | None = None
    """Of a page of the listing; None: as many as are asked for."""
    limited: bool = False
    """By Wildberries' own rate limit."""

    @property
    def total(self) -> int:
        """Orders of all accounts."""
        return self.accounts * self.orders


@dataclass(frozen=True)
class Scene:
    """The servers that stay up while rounds are run."""

    load: Load
    sandbox: Sandbox
    cards: list[Json]
    mariadb: MariaDbProcess
    temporal_address: str
    temporal_pid: int
    folder: Path

    async def product(self) -> Product:
        """An empty database and namespace with an account for every seller."""
        url = self.mariadb.server.create_database()
        engine = build_engine(url)
        schema.upgrade(engine)
        settings = settings_for(url, self.sandbox)
        client = await self._namespace(data_converter(settings))
        found = Product(engine, settings, self.sandbox, client, self.temporal_address, self.folder)
        for company_id, card in enumerate(self.cards, 1):
            add_account(engine, found.settings, card, company_id)
        return found

    @staticmethod
    def forget(engine: Engine) -> None:
        """Leave the accounts alone in the database: the next sync is a first one, of processes that are warm."""
        with engine.begin() as connection:
            connection.exec_driver_sql("SET foreign_key_checks = 0")
            for table in WRITTEN:
                connection.exec_driver_sql(f"TRUNCATE TABLE {table.name}")
            connection.exec_driver_sql("SET foreign_key_checks = 1")

    def refill(self) -> None:
        """Fill every seller's bucket, of Wildberries' own size."""
        self.sandbox.limit(60 * SECOND // WILDBERRIES_FBS.interval_ns, WILDBERRIES_FBS.burst)

    async def _namespace(self, converter: DataConverter) -> Client:
        name = f"bench-{uuid4()}"
        client = await Client.connect(self.temporal_address)
        request = RegisterNamespaceRequest(namespace=name)
        request.workflow_execution_retention_period.FromTimedelta(A_DAY)
        await client.workflow_service.register_namespace(request)
        await asyncio.sleep(2)  # the server's caches learn of a namespace with a delay
        return await Client.connect(self.temporal_address, namespace=name, data_converter=converter)


@contextmanager
def running(load: Load) -> Iterator[Scene]:
    """Start everything for the length of a block."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        (folder / "mariadb").mkdir()
        mariadb = MariaDbProcess(folder / "mariadb")
        world = {
            "sellers": load.accounts,
            "open_orders": load.orders,
            "history_days": load.days,
            "latency_ms": load.latency_ms,
        }
        try:
            with (
                temporal_server.running(
                    port=free_port(),
                    ui_port=free_port(),
                    database=folder / "temporal.db",
                    log=folder / "temporal.log",
                ) as temporal,
                running_sandbox(**world) as sandbox,
            ):
                if not load.limited:
                    unlimited(sandbox)
                if load.rows:
                    sandbox.fault("short-pages", path="/api/v3/orders", rows=load.rows)
                yield Scene(load, sandbox, sandbox.sellers(), mariadb, temporal.address, temporal.pid, folder)
        finally:
            mariadb.kill()
