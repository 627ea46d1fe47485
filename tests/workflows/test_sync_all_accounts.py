"""SyncAllAccounts: every active account once a tick, and never twice at a time."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.worker import Worker

from activities.accounts import AccountActivities
from activities.starts import StartActivities
from schedules.apply import register_search_attributes
from sellermind.models.accounts import Marketplace
from sellermind.models.sync import SyncTick, TickReport
from sellermind.starts import COMPANY_ID, MARKETPLACE, SELLER_ACCOUNT_ID
from sellermind.storage import accounts
from sellermind.storage.engine import transaction
from tests.fixtures.long_job import LongJob
from workflows.sync_all_accounts import SyncAllAccounts

TICK = SyncTick(job="LongJob", marketplace=Marketplace.WILDBERRIES, purpose="a test", every_seconds=4)


@pytest.fixture
async def temporal(namespace: Client, database: Engine) -> AsyncIterator[Client]:
    await register_search_attributes(namespace)
    with ThreadPoolExecutor(4) as threads:
        async with Worker(
            namespace,
            task_queue="high",
            workflows=[SyncAllAccounts, LongJob],
            activities=[AccountActivities(database).list_active_accounts, StartActivities().start_account_jobs],
            activity_executor=threads,
        ):
            yield namespace


def add(engine: Engine, count: int, *, company_id: int = 1) -> list[int]:
    with transaction(engine) as connection:
        return [
            accounts.add(
                connection,
                company_id=company_id,
                marketplace=Marketplace.WILDBERRIES,
                name=f"Кабинет {number}",
                token_cipher="sealed",
                shop_ids=(),
            )
            for number in range(count)
        ]


async def tick(client: Client, **changes: object) -> TickReport:
    return await client.execute_workflow(
        SyncAllAccounts.run, TICK.model_copy(update=changes), id="sync-all-accounts/long-job", task_queue="high"
    )


async def test_every_active_account_is_started_under_its_own_lock(temporal: Client, database: Engine) -> None:
    first, paused, third = add(database, 3, company_id=42)
    with transaction(database) as connection:
        accounts.pause(connection, paused)
    assert await tick(temporal) == TickReport(started=2, still_running=0)
    for account_id in (first, third):
        run = await temporal.get_workflow_handle(f"long-job/{account_id}").describe()
        assert run.status is WorkflowExecutionStatus.RUNNING
        attributes = run.typed_search_attributes
        assert (attributes[SELLER_ACCOUNT_ID], attributes[COMPANY_ID]) == (account_id, 42)
        assert attributes[MARKETPLACE] == "wb"
        assert run.raw_description.workflow_execution_info.priority.fairness_key == "42"
        assert await run.static_summary() == f"wb · Кабинет {account_id - first} · a test"


async def test_an_account_still_at_work_is_counted_and_not_started_again(temporal: Client, database: Engine) -> None:
    busy, done = add(database, 2)
    await tick(temporal)
    handle = temporal.get_workflow_handle(f"long-job/{done}")
    await handle.signal(LongJob.stop)
    assert await handle.result() == done
    assert await tick(temporal) == TickReport(started=1, still_running=1)
    assert (await temporal.get_workflow_handle(f"long-job/{busy}").describe()).history_length > 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_many_accounts_are_started_batch_by_batch_in_a_bounded_history(
    temporal: Client, database: Engine
) -> None:
    add(database, 620)
    assert await tick(temporal) == TickReport(started=620, still_running=0)
    last = await temporal.get_workflow_handle("sync-all-accounts/long-job").describe()
    assert last.raw_description.workflow_execution_info.first_run_id != last.run_id  # it continued as new
    assert last.history_length < 200
