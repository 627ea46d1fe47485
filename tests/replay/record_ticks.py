"""Record histories of SyncAllAccounts as it runs today: `make record`.

Not collected by `make test`: its name does not begin with test_. A recorded history is never changed or deleted; it
stands for the runs that were open when its version was deployed.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from activities.accounts import AccountActivities
from activities.starts import StartActivities
from schedules.apply import register_search_attributes
from sellermind.models.accounts import Marketplace
from sellermind.models.sync import SyncTick
from sellermind.storage import accounts, schema
from sellermind.storage.engine import build_engine, transaction
from tests.fixtures.histories import keep
from tests.fixtures.long_job import LongJob
from tests.fixtures.patience import PATIENCE
from workers.registry import activities_of
from workflows.sync_all_accounts import SyncAllAccounts


@pytest.mark.parametrize("count", [0, 1, 560], ids=["no account", "one", "batches on two pages"])
async def test_record_a_tick(namespace: Client, sqlite_url: str, count: int) -> None:
    """Its jobs are no syncs, and wait for ever: what is recorded is the tick."""
    engine = build_engine(sqlite_url)
    schema.upgrade(engine)
    with transaction(engine) as connection:
        for number in range(count):
            accounts.add(
                connection,
                company_id=1,
                marketplace=Marketplace.WILDBERRIES,
                name=f"cabinet {number}",
                token_cipher="sealed",
                shop_ids=(),
            )
    await register_search_attributes(namespace)
    tick = SyncTick(job=LongJob.__name__, marketplace=Marketplace.WILDBERRIES, purpose="new orders", every_seconds=60)
    with ThreadPoolExecutor(4) as threads:
        async with Worker(
            namespace,
            task_queue="record",
            workflows=[SyncAllAccounts, LongJob],
            activities=[*activities_of(AccountActivities(engine)), *activities_of(StartActivities())],
            activity_executor=threads,
        ):
            handle = await namespace.start_workflow(SyncAllAccounts.run, tick, id="tick", task_queue="record")
            await asyncio.wait_for(handle.result(), PATIENCE)
    for run_id in (handle.first_execution_run_id, None):
        await keep(namespace.get_workflow_handle("tick", run_id=run_id))
    engine.dispose()
