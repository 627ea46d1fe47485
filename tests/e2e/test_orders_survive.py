"""The whole road in real processes: schedules, two workers, MariaDB, the sandbox; and a kill -9 in the middle."""

import asyncio
import socket
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from temporalio.client import Client, WorkflowExecutionStatus

from schedules.apply import apply
from sellermind.models.accounts import AccountRef
from sellermind.storage.engine import reading
from sellermind.storage.tables.orders import order_events
from sellermind.storage.tables.syncs import marketplace_sync_logs
from sellermind.temporal import data_converter
from tests.fixtures.patience import PATIENCE, until
from tests.fixtures.product import Product, add_account, differences
from tests.fixtures.temporal import until_at_work
from workflows.catalog import JOBS

NAME = "SyncNewWildberriesOrders"


def wrong(product: Product, accounts: dict[str, AccountRef]) -> list[str]:
    found = [differences(product.engine, account, product.sandbox, sid) for sid, account in accounts.items()]
    return [str(one) for some in found for one in some]


async def start(product: Product, cadence: int = 2) -> dict[str, AccountRef]:
    """Two sellers' accounts of two companies, and the schedules: the other jobs tick once a day, not in the middle."""
    sellers = product.sandbox.sellers()[:2]
    accounts = {
        seller["sid"]: add_account(product.engine, product.settings, seller, company_id=number)
        for number, seller in enumerate(sellers, 1)
    }
    seldom = {job.name: 86_400 for job in JOBS}
    await apply(product.client, product.settings.model_copy(update={"cadence": seldom | {NAME: cadence}}))
    return accounts


async def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing(product: Product) -> None:
    accounts = await start(product)
    for sid in accounts:
        product.sandbox.make_orders(sid, 150)
    with product.worker("high", "first") as first:
        product.sandbox.fault("latency", delay=4.0)  # so that the kill meets a sync that waits for its answer
        slow = next(iter(accounts.values()))
        await until_at_work(product.client.get_workflow_handle(f"sync-new-wildberries-orders/{slow.id}"))
        first.kill()
        product.sandbox.clear()
        with product.worker("high", "second"):
            await until(lambda: not wrong(product, accounts), "the orders are in the table")
            for sid in accounts:
                product.sandbox.make_orders(sid, 7)  # life goes on
            await until(lambda: not wrong(product, accounts), "the later orders are in the table")
    with reading(product.engine) as connection:
        events = connection.execute(select(func.count()).select_from(order_events)).scalar_one()
    assert events == 2 * 157
    failed = await product.client.count_workflows('ExecutionStatus IN ("Failed", "TimedOut", "Terminated")')
    assert failed.count == 0


@pytest.mark.parametrize(("encrypt", "most"), [(False, 1500), (True, 2100)])
async def test_one_sync_costs_eleven_events_and_history_holds_no_order_no_buyer_and_no_token(
    product: Product, *, encrypt: bool, most: int
) -> None:
    settings = product.settings.model_copy(update={"encrypt_histories": encrypt})
    ours = Client(
        product.client.service_client, namespace=product.client.namespace, data_converter=data_converter(settings)
    )
    product = replace(product, settings=settings, client=ours)
    accounts = await start(product)
    for sid in accounts:
        product.sandbox.make_orders(sid, 300)
    with product.worker("high", "only"):
        await until(lambda: not wrong(product, accounts), "the orders are in the table")
        handle = product.client.get_workflow_handle(f"sync-new-wildberries-orders/{next(iter(accounts.values())).id}")
        async with asyncio.timeout(PATIENCE):
            while (await handle.describe()).status is not WorkflowExecutionStatus.COMPLETED:
                await asyncio.sleep(0.05)
        described = await handle.describe()
        history = await handle.fetch_history()
    assert len(history.events) <= 11
    raw = b"".join(event.SerializeToString() for event in history.events)  # JSON would hide payloads in base64
    host = socket.gethostname().encode()  # workers sign with it, and a machine may be called anything
    size = described.raw_description.workflow_execution_info.history_size_bytes
    assert size - raw.count(host) * len(host) <= most
    assert (b"account_id" in raw) is not encrypt
    assert b"eyJ" not in raw  # no token
    order = product.sandbox.truth(next(iter(accounts)))["orders"][0]
    for canary in (order["rid"], order["orderUid"], str(order["id"]), order["skus"][0], order["article"]):
        assert canary.encode() not in raw


async def test_one_sellers_dead_token_stops_nobody_else(product: Product) -> None:
    accounts = await start(product)
    dead, alive = accounts
    product.sandbox.fault("unauthorized", seller=dead)
    product.sandbox.make_orders(alive, 3)
    with product.worker("high", "only"):
        await until(lambda: not differences(product.engine, accounts[alive], product.sandbox, alive), "alive synced")
        product.sandbox.make_orders(alive, 3)
        await until(lambda: not differences(product.engine, accounts[alive], product.sandbox, alive), "alive goes on")
    asked = [row for row in product.sandbox.stats()["paths"] if row["seller"] == dead]
    assert sum(row["requests"] for row in asked) == 1
    with reading(product.engine) as connection:
        statuses = connection.execute(select(marketplace_sync_logs.c.status).distinct()).scalars().all()
    assert set(statuses) == {"success", "error"}
