"""Record a history of every scheduled workflow type as it runs today: `make record`.

Not collected by `make test`: its name does not begin with test_. A recorded history is never changed or deleted; it
stands for the runs that were open when its version was deployed.
"""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Worker

from activities.accounts import AccountActivities
from activities.starts import StartActivities
from schedules.apply import register_search_attributes
from sellermind import ids
from sellermind.models.accounts import Marketplace
from sellermind.models.sync import SyncTick
from sellermind.storage import accounts, schema
from sellermind.storage.engine import build_engine, transaction
from sellermind.temporal import DATA_CONVERTER
from sellermind.version import version
from tests.fixtures.long_job import LongJob
from tests.fixtures.product import add_account, settings_for
from tests.fixtures.sandbox import Sandbox
from workers.registry import activities_of, build
from workflows.catalog import JOBS, Job
from workflows.sync_all_accounts import SyncAllAccounts

HISTORIES = Path(__file__).resolve().parent / "histories"
COMMANDED = frozenset(
    {
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_TIMER_CANCELED,
        EventType.EVENT_TYPE_MARKER_RECORDED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
        EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
    }
)
"""Events that a workflow's own code brings about."""
ACCOUNTS = 510


def keep(workflow_type: str, history: WorkflowHistory) -> None:
    """Write a history beside the earlier ones of its type, unless one of them has the same steps."""
    folder = HISTORIES / workflow_type
    folder.mkdir(parents=True, exist_ok=True)
    earlier = [WorkflowHistory.from_json("", path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    if steps(history) in [steps(one) for one in earlier]:
        return
    number = sum(1 for _ in folder.glob(f"{version()}-*.json")) + 1
    # Stack traces name the folders of the machine that recorded, and mean nothing to a replay.
    written = json.loads(
        history.to_json(), object_hook=lambda each: {k: v for k, v in each.items() if k != "stackTrace"}
    )
    text = json.dumps(written, ensure_ascii=False, indent=2)
    (folder / f"{version()}-{number}.json").write_text(text + "\n", encoding="utf-8")


def steps(history: WorkflowHistory) -> tuple[list[str], list[str]]:
    """What the workflow's code asked for: each kind in the order of its first time, and how often each.

    Not the order of all of them: steps that run side by side end in another order each time.
    """
    asked = [_asked(event) for event in history.events if event.event_type in COMMANDED]
    return list(dict.fromkeys(asked)), sorted(asked)


def _asked(event: HistoryEvent) -> str:
    activity = event.activity_task_scheduled_event_attributes.activity_type.name
    return f"{EventType.Name(event.event_type)} {activity}"


async def run(client: Client, job: Job, account_id: int) -> tuple[WorkflowHistory, WorkflowHistory]:
    """One tick of a job and the account's run that it starts."""
    tick = SyncTick(job=job.name, marketplace=job.marketplace, purpose=job.purpose, every_seconds=60)
    parent = await client.start_workflow(SyncAllAccounts.run, tick, id=ids.fan_out(job.name), task_queue="record")
    await parent.result()
    child = client.get_workflow_handle(ids.account_job(job.name, account_id))
    await child.result()
    return await parent.fetch_history(), await child.fetch_history()


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
async def test_record(job: Job, namespace: Client, sandbox: Sandbox, sqlite_url: str) -> None:
    settings = settings_for(sqlite_url, sandbox)
    engine = build_engine(sqlite_url)
    schema.upgrade(engine)
    registry = build(settings)
    client = Client(namespace.service_client, namespace=namespace.namespace, data_converter=DATA_CONVERTER)
    await register_search_attributes(client)
    sandbox.reset(uzum_sellers=1)
    marketplaces = {"wildberries": Marketplace.WILDBERRIES, "uzum": Marketplace.UZUM}
    seller = next(one for one in sandbox.sellers() if marketplaces[one["marketplace"]] is job.marketplace)
    account = add_account(engine, settings, seller)
    sandbox.make_orders(seller["sid"], 3)
    with ThreadPoolExecutor(4) as threads:
        async with Worker(
            client,
            task_queue="record",
            workflows=registry.workflows,
            activities=registry.activities,
            activity_executor=threads,
        ):
            parent, child = await asyncio.wait_for(run(client, job, account.id), 60)
    keep(job.name, child)
    keep(SyncAllAccounts.__name__, parent)
    registry.close()
    engine.dispose()


async def test_record_a_tick_of_more_accounts_than_a_batch_and_a_page(namespace: Client, sqlite_url: str) -> None:
    """Its jobs are no syncs, and wait for ever: what is recorded is the tick."""
    engine = build_engine(sqlite_url)
    schema.upgrade(engine)
    with transaction(engine) as connection:
        for number in range(ACCOUNTS):
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
            await asyncio.wait_for(handle.result(), 110)
    for run_id in (handle.first_execution_run_id, None):
        history = await namespace.get_workflow_handle("tick", run_id=run_id).fetch_history()
        keep(SyncAllAccounts.__name__, history)
    engine.dispose()
