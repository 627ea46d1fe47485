"""One budget a seller, at the sandbox's real limits and the database's real clock."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.worker import Worker

from sellermind.marketplaces.http import build_http_client
from sellermind.marketplaces.tokens import budget_key
from sellermind.models.accounts import AccountRef
from sellermind.models.limits import WILDBERRIES
from sellermind.models.sync import Freshness, SyncAccount, SyncReport
from sellermind.settings import Settings
from sellermind.storage import accounts, cursors
from sellermind.storage.budgets import SellerBudget
from sellermind.storage.clock import database_now
from sellermind.storage.engine import reading
from sellermind.vault import TokenVault
from tests.fixtures.patience import until
from tests.fixtures.product import add_account, differences, settings_for
from tests.fixtures.sandbox import Json, Sandbox
from tests.fixtures.seller import JOBS, marketplace_activities
from workflows.reconcile_wildberries_orders import ReconcileWildberriesOrders
from workflows.sync_new_wildberries_orders import SyncNewWildberriesOrders
from workflows.sync_uzum_orders import SyncUzumOrders

RUNS = 8
PER_SECOND = 5
BURST = 20


@dataclass(frozen=True)
class Desk:
    """Accounts, and jobs to start on them."""

    client: Client
    engine: Engine
    settings: Settings
    sandbox: Sandbox

    def account(self, card: Json, company_id: int = 1) -> AccountRef:
        return add_account(self.engine, self.settings, card, company_id)

    def freshness(self) -> list[Freshness]:
        with reading(self.engine) as connection:
            return cursors.freshness(connection)

    def succeeded(self) -> list[int]:
        """The accounts in the order in which their last syncs succeeded."""
        return [row.account_id for row in sorted(self.freshness(), key=lambda row: str(row.succeeded_at))]

    async def sync(self, job: type, account: AccountRef) -> SyncReport:
        found = await self.client.execute_workflow(
            job.__name__,
            SyncAccount(account_id=account.id),
            id=f"{job.__name__}/{account.id}",
            task_queue="high",
            result_type=SyncReport,
        )
        assert isinstance(found, SyncReport)
        return found


@pytest.fixture
async def desk(
    namespace: Client, database: Engine, sandbox: Sandbox, request: pytest.FixtureRequest
) -> AsyncIterator[Desk]:
    sandbox.reset(uzum_sellers=1)
    settings = settings_for(database.url.render_as_string(hide_password=False), sandbox)
    slots: int = request.param
    with build_http_client() as http, ThreadPoolExecutor(slots) as threads:
        async with Worker(
            namespace,
            task_queue="high",
            workflows=JOBS,
            activities=list(marketplace_activities(database, settings, http, database_now)),
            activity_executor=threads,
            max_concurrent_activities=slots,
        ):
            yield Desk(namespace, database, settings, sandbox)


def spend(desk: Desk, account: AccountRef, calls: int) -> None:
    """Let so many calls of the account's seller have been made just now."""
    vault = TokenVault(desk.settings.secret_keys, None)
    with reading(desk.engine) as connection:
        token = vault.open(accounts.token_cipher(connection, account.id))
    budget = SellerBudget(desk.engine, budget_key(token), WILDBERRIES)
    budget.take()
    budget.charge(calls - 1)


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
@pytest.mark.parametrize("desk", [RUNS], indirect=True)
async def test_eight_runs_of_one_seller_share_its_rate_and_never_hear_429(
    desk: Desk, figure: Callable[[str], None]
) -> None:
    card = desk.sandbox.sellers()[0]
    of_seller = [desk.account(card, company_id) for company_id in range(1, RUNS + 1)]
    desk.sandbox.make_orders(card["sid"], 900)
    desk.sandbox.fault("short-pages", path="/api/v3/orders")
    runs = [asyncio.create_task(desk.sync(ReconcileWildberriesOrders, account)) for account in of_seller]
    await until(lambda: desk.sandbox.stats()["requests"] > 0, "the first has asked")
    began = time.monotonic()
    await asyncio.wait(runs, return_when=asyncio.FIRST_COMPLETED)  # from here on there are fewer
    took, said = time.monotonic() - began, desk.sandbox.stats()
    used = said["requests"] / (BURST + PER_SECOND * took)
    await asyncio.gather(*runs)
    throttled = desk.sandbox.stats()["throttled"]
    figure(f"{said['requests']} calls in {took:.1f} s, {used:.0%} of what is allowed, {throttled} times 429")
    assert throttled == 0
    assert said["requests"] > BURST  # how much of the rate they use is the bench's bar, scenario limited
    assert all(not differences(desk.engine, account, desk.sandbox, card["sid"]) for account in of_seller)


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
@pytest.mark.parametrize("desk", [1], indirect=True)
async def test_an_account_that_must_wait_gives_its_slot_to_another(desk: Desk) -> None:
    slow, quick = desk.sandbox.sellers()[:2]
    desk.sandbox.fault("throttle", retry=6, seller=slow["sid"], count=1)
    account = desk.account(slow)
    waiting = asyncio.create_task(desk.sync(SyncNewWildberriesOrders, account))
    await until(lambda: desk.sandbox.stats()["throttled"] > 0, "it must wait")
    other = desk.account(quick, company_id=2)
    await desk.sync(SyncNewWildberriesOrders, other)
    await waiting
    assert desk.succeeded() == [other.id, account.id]
    assert desk.sandbox.stats()["throttled"] == 1


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
@pytest.mark.parametrize("desk", [1], indirect=True)
async def test_an_account_whose_short_waits_add_up_gives_its_slot_to_another(desk: Desk) -> None:
    slow, quick = (desk.account(card, company_id) for company_id, card in enumerate(desk.sandbox.sellers()[:2], 1))
    spend(desk, slow, calls=WILDBERRIES.burst + timedelta(seconds=4) // WILDBERRIES.interval)
    waiting = asyncio.create_task(desk.sync(ReconcileWildberriesOrders, slow))
    await until(lambda: desk.freshness() != [], "it has begun")
    await desk.sync(SyncNewWildberriesOrders, quick)
    await waiting
    assert desk.succeeded() == [quick.id, slow.id]


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
@pytest.mark.parametrize("desk", [1], indirect=True)
async def test_an_uzum_seller_is_asked_twice_a_second_and_never_says_429(desk: Desk) -> None:
    card = next(card for card in desk.sandbox.sellers() if card["marketplace"] == "uzum")
    began = time.monotonic()
    await desk.sync(SyncUzumOrders, desk.account(card))
    took = time.monotonic() - began
    said = desk.sandbox.stats()
    assert (said["requests"], said["throttled"]) == (12, 0)
    assert took > 12 * 0.5 - 1.5
