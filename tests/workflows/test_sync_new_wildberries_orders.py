"""SyncNewWildberriesOrders on the time-skipping server, the sandbox and both databases."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import BigInteger, ColumnElement, Engine, bindparam, func, select
from temporalio import activity
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.wildberries import WildberriesActivities, WildberriesSellers
from sellermind.marketplaces.http import build_http_client
from sellermind.models.accounts import AccountRef, ListAccounts, Marketplace
from sellermind.models.sync import SyncAccount, SyncReport
from sellermind.storage import accounts, issues
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.orders import order_events
from sellermind.storage.tables.syncs import marketplace_sync_logs
from sellermind.vault import TokenVault
from tests.fixtures.product import add_account, differences, settings_for
from tests.fixtures.sandbox import Sandbox
from workflows.sync_new_wildberries_orders import SyncNewWildberriesOrders

NAME = "SyncNewWildberriesOrders"


def skipped_clock() -> ColumnElement[int]:
    """The Temporal server's clock, which skips: by the database's own, a skipped wait would never be over."""
    return bindparam(None, callable_=_started_at, type_=BigInteger)


def _started_at() -> int:
    return int(activity.info().started_time.timestamp() * 1_000_000)


@dataclass(frozen=True)
class Seller:
    """One seller's account, and what can be done with it."""

    environment: WorkflowEnvironment
    engine: Engine
    sandbox: Sandbox
    sid: str
    account: AccountRef
    task_queue: str

    async def sync(self) -> SyncReport:
        return await self.environment.client.execute_workflow(
            SyncNewWildberriesOrders.run,
            SyncAccount(account_id=self.account.id),
            id=f"{self.task_queue}/{self.account.id}",
            task_queue=self.task_queue,
            execution_timeout=timedelta(hours=2),
        )

    async def failure(self) -> ApplicationError:
        with pytest.raises(WorkflowFailureError) as caught:
            await self.sync()
        step = caught.value.cause
        assert isinstance(step, ActivityError)
        assert isinstance(step.cause, ApplicationError)
        return step.cause

    def wrong(self) -> list[str]:
        return [str(found) for found in differences(self.engine, self.account, self.sandbox, self.sid)]

    def events(self) -> int:
        with reading(self.engine) as connection:
            return int(connection.execute(select(func.count()).select_from(order_events)).scalar_one())

    def logs(self) -> list[str]:
        with reading(self.engine) as connection:
            return list(connection.execute(select(marketplace_sync_logs.c.status)).scalars())


@pytest.fixture
async def seller(time_skipping: WorkflowEnvironment, database: Engine, sandbox: Sandbox) -> AsyncIterator[Seller]:
    settings = settings_for(database.url.render_as_string(hide_password=False), sandbox)
    first = sandbox.sellers()[0]
    account = add_account(database, settings, first)
    vault = TokenVault(settings.secret_keys, None)
    queue = f"new-orders-{uuid4()}"
    with build_http_client() as http, ThreadPoolExecutor(4) as threads:
        sellers = WildberriesSellers(database, vault, http, sandbox.base_url, skipped_clock)
        group = WildberriesActivities(database, sellers)
        async with Worker(
            time_skipping.client,
            task_queue=queue,
            workflows=[SyncNewWildberriesOrders],
            activities=[group.pull_new_wildberries_orders],
            activity_executor=threads,
            workflow_failure_exception_types=[Exception],
        ):
            yield Seller(time_skipping, database, sandbox, first["sid"], account, queue)


async def test_new_orders_come_into_the_table_as_the_marketplace_has_them(seller: Seller) -> None:
    seller.sandbox.make_orders(seller.sid, 230)
    report = await seller.sync()
    assert (report.fetched, report.created, report.changed, report.set_aside) == (230, 230, 0, 0)
    assert seller.wrong() == []
    assert (seller.events(), seller.logs()) == (230, ["success"])


async def test_a_second_sync_changes_nothing_and_publishes_nothing(seller: Seller) -> None:
    seller.sandbox.make_orders(seller.sid, 20)
    await seller.sync()
    report = await seller.sync()
    assert (report.fetched, report.created, report.changed) == (20, 0, 0)
    assert (seller.events(), seller.logs()) == (20, ["success", "success"])


async def test_an_order_that_left_the_answer_stays_in_the_table(seller: Seller) -> None:
    first, *_ = seller.sandbox.make_orders(seller.sid, 3)
    await seller.sync()
    seller.sandbox.do(seller.sid, "assemble", first)
    assert (await seller.sync()).fetched == 2
    assert seller.wrong() == []


async def test_a_429_of_two_minutes_is_waited_out_in_the_run(seller: Seller) -> None:
    seller.sandbox.make_orders(seller.sid, 5)
    seller.sandbox.fault("throttle", retry=120, count=1)
    before = await seller.environment.get_current_time()
    assert (await seller.sync()).created == 5
    assert seller.sandbox.stats()["requests"] == 2  # nobody asked in between
    assert (await seller.environment.get_current_time()) - before >= timedelta(seconds=120)


async def test_a_429_of_hours_ends_the_run_and_keeps_the_account_out_of_the_ticks(seller: Seller) -> None:
    seller.sandbox.fault("throttle", retry=18236)
    report = await seller.sync()
    assert report.not_before is not None
    assert timedelta(hours=5) < report.not_before - datetime.now(UTC) < timedelta(hours=6)
    ask = ListAccounts(marketplace=Marketplace.WILDBERRIES, job=NAME)
    with reading(seller.engine) as connection:
        assert accounts.list_active(connection, ask, datetime.now(UTC)).accounts == ()
        later = report.not_before + timedelta(seconds=1)
        assert accounts.list_active(connection, ask, later).accounts == (seller.account,)
    assert seller.sandbox.stats()["requests"] == 1


async def test_a_401_makes_one_call_pauses_the_account_and_opens_an_issue(seller: Seller) -> None:
    seller.sandbox.fault("unauthorized")
    failure = await seller.failure()
    assert failure.type == "AccessRevoked"
    assert seller.sandbox.stats()["requests"] == 1
    with reading(seller.engine) as connection:
        assert not accounts.get(connection, seller.account.id).is_active
        (issue,) = issues.open_issues(connection, seller.account.id)
    assert issue.request_id
    assert (issue.kind, issue.occurrences, seller.logs()) == ("token_invalid", 1, ["error"])


async def test_a_paused_account_makes_no_call(seller: Seller) -> None:
    with transaction(seller.engine) as connection:
        accounts.pause(connection, seller.account.id)
    assert (await seller.failure()).type == "Refused"
    assert seller.sandbox.stats()["requests"] == 0


async def test_an_outage_is_ridden_out(seller: Seller) -> None:
    seller.sandbox.make_orders(seller.sid, 4)
    for kind in ("server-error", "html", "reset", "cut"):
        seller.sandbox.fault(kind, count=2)
    assert (await seller.sync()).created == 4
    assert seller.wrong() == []


async def test_bad_rows_are_set_aside_and_counted_and_the_others_stored(seller: Seller) -> None:
    seller.sandbox.make_orders(seller.sid, 12)
    seller.sandbox.fault("bad-rows", count=1)
    report = await seller.sync()
    assert report.set_aside > 0
    assert report.fetched + report.set_aside >= 12
    await seller.sync()
    assert seller.wrong() == []


async def test_a_failed_sync_can_be_tried_anew_once_the_seller_renewed_the_token(seller: Seller) -> None:
    seller.sandbox.make_orders(seller.sid, 2)
    seller.sandbox.fault("unauthorized", count=1)
    await seller.failure()
    with transaction(seller.engine) as connection:
        accounts.resume(connection, seller.account.id)
    assert (await seller.sync()).created == 2
