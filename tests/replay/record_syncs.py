"""Record histories of the five marketplace jobs as they run today: `make record`.

Not collected by `make test`: its name does not begin with test_. A run that a wait of hours ends has no history of its
own: its steps are those of any other, only its report says that it must wait.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.worker import Worker

from sellermind.models.accounts import Marketplace
from sellermind.models.sync import SyncAccount
from sellermind.storage import schema
from sellermind.storage.engine import build_engine
from sellermind.temporal import DATA_CONVERTER
from tests.fixtures.histories import keep
from tests.fixtures.patience import PATIENCE, until
from tests.fixtures.product import add_account, settings_for
from tests.fixtures.sandbox import Sandbox
from workers.registry import build
from workflows.catalog import JOBS, Job
from workflows.sync_new_wildberries_orders import SyncNewWildberriesOrders

Start = Callable[[], Awaitable[WorkflowHandle[Any, Any]]]


@pytest.fixture(params=JOBS, ids=lambda job: job.name)
async def start(
    request: pytest.FixtureRequest, namespace: Client, sandbox: Sandbox, sqlite_url: str
) -> AsyncIterator[Start]:
    """Starts one of the jobs for an account that has orders to ask about."""
    job: Job = request.param
    settings, engine = settings_for(sqlite_url, sandbox), build_engine(sqlite_url)
    schema.upgrade(engine)
    registry = build(settings)
    client = Client(namespace.service_client, namespace=namespace.namespace, data_converter=DATA_CONVERTER)
    sandbox.reset(uzum_sellers=1)
    seller = next(one for one in sandbox.sellers() if one["marketplace"] == job.marketplace.name.lower())
    wanted = SyncAccount(account_id=add_account(engine, settings, seller).id)
    sandbox.make_orders(seller["sid"], 3)
    with ThreadPoolExecutor(4) as threads:
        async with Worker(
            client,
            task_queue="record",
            workflows=registry.workflows,
            activities=registry.activities,
            activity_executor=threads,
            workflow_failure_exception_types=[Exception],
        ):
            if job.marketplace is Marketplace.WILDBERRIES:
                await client.execute_workflow(
                    SyncNewWildberriesOrders.run, wanted, id="orders to ask about", task_queue="record"
                )
            yield lambda: client.start_workflow(job.name, wanted, id="recorded", task_queue="record")
    registry.close()
    engine.dispose()


async def test_record_a_sync(start: Start) -> None:
    handle = await start()
    await asyncio.wait_for(handle.result(), PATIENCE)
    await keep(handle)


async def test_record_a_sync_that_waits_for_its_turn(start: Start, sandbox: Sandbox) -> None:
    sandbox.fault("throttle", retry=6, count=1)
    handle = await start()
    await asyncio.wait_for(handle.result(), PATIENCE)
    await keep(handle)


async def test_record_a_sync_whose_token_is_refused(start: Start, sandbox: Sandbox) -> None:
    sandbox.fault("unauthorized")
    handle = await start()
    with pytest.raises(WorkflowFailureError):
        await asyncio.wait_for(handle.result(), PATIENCE)
    await keep(handle)


async def test_record_a_cancelled_sync(start: Start, sandbox: Sandbox) -> None:
    sandbox.fault("throttle", retry=50, count=1)
    handle = await start()
    await until(lambda: sandbox.stats()["throttled"] == 1, "it waits")
    await handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await asyncio.wait_for(handle.result(), PATIENCE)
    await keep(handle)
