"""Real workers over slow links, on a full disk, and with a token that expires in the middle of a listing."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import OperationalError
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle

from ops.demo.account_comparison import compare_account
from schedules.apply import register_search_attributes
from sellermind import ids
from sellermind.models.accounts import AccountRef, Marketplace
from sellermind.models.sync import SyncAccount, SyncTick
from sellermind.storage import accounts
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.orders import wb_orders
from sellermind.vault import TokenVault
from tests.fixtures.crash import Scene, recovered
from tests.fixtures.database import MariaDbProcess
from tests.fixtures.links import links_of
from tests.fixtures.patience import PATIENCE, until
from tests.fixtures.product import Product, add_account, product_on
from tests.fixtures.proxy import Weather
from tests.fixtures.sandbox import Sandbox
from tests.fixtures.seller import unlimited
from tests.fixtures.temporal import until_at_work
from workflows.sync_all_accounts import SyncAllAccounts

RECONCILE = "ReconcileWildberriesOrders"
SMALL = ("--innodb-file-per-table=0", "--innodb-data-file-path=ibdata1:12M:autoextend:max:24M")
LARGER = ("--innodb-file-per-table=0", "--innodb-data-file-path=ibdata1:12M:autoextend:max:200M")


def stored(product: Product) -> int:
    with reading(product.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(wb_orders)).scalar_one())


def wrong(product: Product, account: AccountRef, sid: str) -> list[str]:
    with reading(product.engine) as connection:
        return list(map(str, compare_account(connection, account.id, product.sandbox.truth(sid)).differences))


async def reconcile(product: Product, account: AccountRef) -> WorkflowHandle[Any, Any]:
    return await product.client.start_workflow(
        RECONCILE, SyncAccount(account_id=account.id), id=ids.account_job(RECONCILE, account.id), task_queue="default"
    )


async def test_every_sync_over_slow_links_is_whole_at_its_first_attempt(scene: Scene) -> None:
    with links_of(scene.product) as links:
        links.all_have(Weather(latency=0.02, bytes_per_second=100_000))
        with scene.product.worker("high", "far", **links.variables):
            handles = await scene.start()
            await recovered(handles, 0)
    scene.tick_here()
    assert scene.wrong() == []
    assert {(await handle.describe()).history_length for handle in handles} == {11}


async def test_a_token_that_expires_in_the_middle_of_a_listing_keeps_the_pages_read_and_the_new_one_goes_on(
    product: Product, figure: Callable[[str], None]
) -> None:
    card = product.sandbox.reset(sellers=1)[0]
    unlimited(product.sandbox)
    account = add_account(product.engine, product.settings, card)
    product.sandbox.make_orders(card["sid"], 4_000)
    with product.worker("default", "only"):
        product.sandbox.fault("latency", delay=1.0)
        handle = await reconcile(product, account)
        await until(lambda: stored(product) > 0, "the first page is stored")
        token = product.sandbox.renew_token(card["sid"])
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        assert 0 < stored(product) < 4_000
        with reading(product.engine) as connection:
            assert not accounts.get(connection, account.id).is_active
        product.sandbox.clear()
        with transaction(product.engine) as connection:
            accounts.set_token(connection, account.id, TokenVault(product.settings.secret_keys, None).seal(token))
        took = await recovered([await reconcile(product, account)], time.monotonic())
    figure(f"the sync after the new token was whole after {took:.1f} s")
    assert stored(product) == 4_000


@pytest.fixture
def small(
    *,
    own_mariadb: MariaDbProcess,
    sandbox: Sandbox,
    namespace: Client,
    temporal_address: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Product]:
    """The product on a server whose tables may take 24 MB together."""
    own_mariadb.kill()
    own_mariadb.start(*SMALL)
    url = own_mariadb.server.create_database()
    with product_on(url, sandbox, namespace, temporal_address, tmp_path_factory.mktemp("small")) as product:
        yield product


def fill(engine: Engine) -> None:
    """Rows of a stranger's table until the server takes no more (1114)."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE TABLE ballast (id INT PRIMARY KEY AUTO_INCREMENT, filler LONGBLOB)"))
        for size in (1 << 20, 1 << 14):
            with suppress(OperationalError):
                while True:
                    connection.execute(text("INSERT INTO ballast (filler) VALUES (REPEAT('x', :size))"), {"size": size})


async def test_a_sync_on_a_full_database_waits_and_goes_on_when_there_is_room(
    small: Product, own_mariadb: MariaDbProcess, figure: Callable[[str], None]
) -> None:
    card = small.sandbox.reset(sellers=1)[0]
    unlimited(small.sandbox)
    account = add_account(small.engine, small.settings, card)
    small.sandbox.make_orders(card["sid"], 3_000)
    fill(small.engine)
    with small.worker("default", "only"):
        handle = await reconcile(small, account)
        await until_tried_again(handle)
        own_mariadb.kill()
        own_mariadb.start(*LARGER)
        took = await recovered([handle], time.monotonic())
    figure(f"the sync was whole {took:.1f} s after there was room")
    assert stored(small) == 3_000


async def until_tried_again(handle: WorkflowHandle[Any, Any]) -> None:
    """Wait until the database has refused it twice."""
    async with asyncio.timeout(PATIENCE):
        while not any(step.attempt > 2 for step in (await handle.describe()).raw_description.pending_activities):
            await asyncio.sleep(0.2)


async def test_a_tick_whose_worker_is_killed_while_it_reads_the_accounts_goes_on_within_seconds(
    small: Product, own_mariadb: MariaDbProcess, figure: Callable[[str], None]
) -> None:
    await register_search_attributes(small.client)
    tick = SyncTick(job=RECONCILE, marketplace=Marketplace.WILDBERRIES, purpose="tick", every_seconds=60)
    with small.worker("default", "first") as first:
        own_mariadb.freeze()
        handle = await small.client.start_workflow(
            SyncAllAccounts.run, tick, id=ids.fan_out(RECONCILE), task_queue="default"
        )
        await until_at_work(handle)
        first.kill()
        own_mariadb.thaw()
        killed = time.monotonic()
        with small.worker("default", "second"):
            took = await recovered([handle], killed)
    figure(f"the tick was through {took:.1f} s after the kill")
    assert (await handle.result()).started == 0
    assert took < 120
