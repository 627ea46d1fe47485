"""SyncNewWildberriesOrders on the time-skipping server, the sandbox and both databases."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from ops.demo.comparison import Difference
from sellermind.models.accounts import ListAccounts, Marketplace
from sellermind.storage import accounts, cursors, issues
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.orders import order_events
from sellermind.storage.tables.syncs import marketplace_sync_logs
from tests.fixtures.patience import until
from tests.fixtures.product import differences
from tests.fixtures.seller import Seller
from workflows.sync_new_wildberries_orders import SyncNewWildberriesOrders


def wrong(seller: Seller) -> list[Difference]:
    """What this job alone must bring and does not: the product facts of every order."""
    return differences(seller.engine, seller.account, seller.sandbox, seller.sid)


def logs(seller: Seller) -> list[str]:
    with reading(seller.engine) as connection:
        return list(connection.execute(select(marketplace_sync_logs.c.status)).scalars())


async def test_new_orders_come_into_the_table_as_the_marketplace_has_them(wildberries: Seller) -> None:
    wildberries.sandbox.make_orders(wildberries.sid, 230)
    report = await wildberries.sync(SyncNewWildberriesOrders)
    assert (report.fetched, report.created, report.changed, report.set_aside) == (230, 230, 0, 0)
    assert wrong(wildberries) == []
    assert (wildberries.count(order_events), logs(wildberries)) == (230, ["success"])


async def test_a_second_sync_changes_nothing_and_publishes_nothing(wildberries: Seller) -> None:
    wildberries.sandbox.make_orders(wildberries.sid, 20)
    await wildberries.sync(SyncNewWildberriesOrders)
    report = await wildberries.sync(SyncNewWildberriesOrders)
    assert (report.fetched, report.created, report.changed) == (20, 0, 0)
    assert (wildberries.count(order_events), logs(wildberries)) == (20, ["success", "success"])


async def test_an_order_that_left_the_answer_stays_in_the_table(wildberries: Seller) -> None:
    first, *_ = wildberries.sandbox.make_orders(wildberries.sid, 3)
    await wildberries.sync(SyncNewWildberriesOrders)
    wildberries.sandbox.do(wildberries.sid, "assemble", first)
    assert (await wildberries.sync(SyncNewWildberriesOrders)).fetched == 2
    assert wrong(wildberries) == []


async def test_a_429_of_two_minutes_is_waited_out_in_the_run(wildberries: Seller) -> None:
    wildberries.sandbox.make_orders(wildberries.sid, 5)
    wildberries.sandbox.fault("throttle", retry=120, count=1)
    before = await wildberries.environment.get_current_time()
    assert (await wildberries.sync(SyncNewWildberriesOrders)).created == 5
    assert wildberries.sandbox.stats()["requests"] == 2  # nobody asked in between
    assert (await wildberries.environment.get_current_time()) - before >= timedelta(seconds=120)


async def test_a_429_of_hours_ends_the_run_and_keeps_the_account_out_of_the_ticks(wildberries: Seller) -> None:
    wildberries.sandbox.fault("throttle", retry=18236)
    report = await wildberries.sync(SyncNewWildberriesOrders)
    assert report.not_before is not None
    assert timedelta(hours=5) < report.not_before - datetime.now(UTC) < timedelta(hours=6)
    ask = ListAccounts(marketplace=Marketplace.WILDBERRIES, job=SyncNewWildberriesOrders.__name__)
    with reading(wildberries.engine) as connection:
        assert accounts.list_active(connection, ask, datetime.now(UTC)).accounts == ()
        later = report.not_before + timedelta(seconds=1)
        assert accounts.list_active(connection, ask, later).accounts == (wildberries.account,)
    assert wildberries.sandbox.stats()["requests"] == 1


async def test_a_401_makes_one_call_pauses_the_account_and_opens_an_issue(wildberries: Seller) -> None:
    wildberries.sandbox.fault("unauthorized")
    failure = await wildberries.failure(SyncNewWildberriesOrders)
    assert failure.type == "AccessRevoked"
    assert wildberries.sandbox.stats()["requests"] == 1
    with reading(wildberries.engine) as connection:
        assert not accounts.get(connection, wildberries.account.id).is_active
        (issue,) = issues.open_issues(connection, wildberries.account.id)
    assert issue.request_id
    assert (issue.kind, issue.occurrences, logs(wildberries)) == ("token_invalid", 1, ["error"])


async def test_a_paused_account_makes_no_call(wildberries: Seller) -> None:
    with transaction(wildberries.engine) as connection:
        accounts.pause(connection, wildberries.account.id)
    report, number = await wildberries.sync(SyncNewWildberriesOrders), wildberries.account.id
    assert report.stopped == f"Account {number} is paused; run `sellermind account resume {number}` first"
    assert (wildberries.sandbox.stats()["requests"], logs(wildberries)) == (0, [])


async def test_an_account_paused_between_two_tries_ends_the_run_without_a_failure(wildberries: Seller) -> None:
    wildberries.sandbox.make_orders(wildberries.sid, 2)
    wildberries.sandbox.fault("server-error")
    running = asyncio.create_task(wildberries.sync(SyncNewWildberriesOrders))
    await until(lambda: wildberries.sandbox.stats()["requests"] >= 1, "the first try has failed")
    with transaction(wildberries.engine) as connection:
        accounts.pause(connection, wildberries.account.id)
    report = await running
    assert (report.fetched, "is paused" in str(report.stopped)) == (0, True)
    assert logs(wildberries) == ["error"]
    with reading(wildberries.engine) as connection:
        assert "is paused" in str(cursors.freshness(connection)[0].last_error)
    wildberries.resume()
    wildberries.sandbox.clear()
    assert (await wildberries.sync(SyncNewWildberriesOrders)).created == 2


async def test_an_outage_is_ridden_out(wildberries: Seller) -> None:
    wildberries.sandbox.make_orders(wildberries.sid, 4)
    for kind in ("server-error", "html", "reset", "cut"):
        wildberries.sandbox.fault(kind, count=2)
    assert (await wildberries.sync(SyncNewWildberriesOrders)).created == 4
    assert wrong(wildberries) == []


async def test_bad_rows_are_set_aside_and_counted_and_the_others_stored(wildberries: Seller) -> None:
    wildberries.sandbox.make_orders(wildberries.sid, 12)
    wildberries.sandbox.fault("bad-rows", count=1)
    report = await wildberries.sync(SyncNewWildberriesOrders)
    assert report.set_aside > 0
    assert report.fetched + report.set_aside >= 12
    await wildberries.sync(SyncNewWildberriesOrders)
    assert wrong(wildberries) == []


async def test_a_failed_sync_can_be_tried_anew_once_the_seller_renewed_the_token(wildberries: Seller) -> None:
    wildberries.sandbox.make_orders(wildberries.sid, 2)
    wildberries.sandbox.fault("unauthorized", count=1)
    await wildberries.failure(SyncNewWildberriesOrders)
    wildberries.resume()
    assert (await wildberries.sync(SyncNewWildberriesOrders)).created == 2
