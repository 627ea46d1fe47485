"""SyncUzumOrders on the sandbox and both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from sellermind.storage.engine import reading
from sellermind.storage.tables.syncs import sync_cursors
from sellermind.storage.tables.uzum import marketplace_shops, uzum_order_items, uzum_orders
from tests.fixtures.seller import Seller
from workflows.sync_uzum_orders import SyncUzumOrders

ORDERS = "/v2/fbs/orders"
WAY = ("accept", "hand_over", "ship", "reach_point", "wait_pickup", "complete", "give_back")


def watermark(seller: Seller) -> object:
    with reading(seller.engine) as connection:
        return connection.execute(select(sync_cursors.c.watermark)).scalar_one()


def status_of(seller: Seller, order_id: int) -> str:
    query = select(uzum_orders.c.uzum_status).where(uzum_orders.c.external_order_id == str(order_id))
    with reading(seller.engine) as connection:
        return str(connection.execute(query).scalar_one())


async def test_orders_of_every_status_of_every_shop_come_into_the_table(uzum: Seller) -> None:
    orders = uzum.sandbox.make_orders(uzum.sid, 60)
    for place, verb in enumerate(WAY):
        uzum.sandbox.do(uzum.sid, verb, *orders[place * 5 :])
    assert len({order["status"] for order in uzum.truth()["orders"]}) >= 7
    report = await uzum.sync(SyncUzumOrders)
    assert (report.fetched, report.created) == (60, 60)
    assert uzum.wrong() == []


async def test_a_run_asks_eleven_statuses_in_pages_of_fifty_and_the_shops_once(uzum: Seller) -> None:
    uzum.sandbox.make_orders(uzum.sid, 120)
    await uzum.sync(SyncUzumOrders)
    assert uzum.calls(ORDERS) == 11 + 2
    assert (uzum.calls("/v1/shops"), uzum.count(marketplace_shops)) == (1, 2)
    assert uzum.calls(status=403) == uzum.calls(status=400) == 0  # bare token, repeated keys
    assert uzum.wrong() == []


async def test_an_order_is_followed_from_status_to_status_with_its_history(uzum: Seller) -> None:
    (order,) = uzum.sandbox.make_orders(uzum.sid, 1)
    await uzum.sync(SyncUzumOrders)
    for verb in ("accept", "hand_over"):
        uzum.sandbox.do(uzum.sid, verb, order)
        await uzum.sync(SyncUzumOrders)
    assert uzum.history(order) == ["new", "in_assembly", "in_supply"]
    assert uzum.events(order) == ["created", "changed", "changed"]
    assert uzum.wrong() == []


async def test_a_second_run_changes_nothing_and_doubles_no_item(uzum: Seller) -> None:
    uzum.sandbox.make_orders(uzum.sid, 30)
    await uzum.sync(SyncUzumOrders)
    items = uzum.count(uzum_order_items)
    report = await uzum.sync(SyncUzumOrders)
    assert (report.created, report.changed, uzum.count(uzum_order_items)) == (0, 0, items)


async def test_an_order_that_completes_long_after_it_was_placed_is_followed_to_its_end(uzum: Seller) -> None:
    (order,) = uzum.sandbox.make_orders(uzum.sid, 1)
    for verb in WAY[:5]:
        uzum.sandbox.do(uzum.sid, verb, order)
    await uzum.sync(SyncUzumOrders)
    uzum.sandbox.do(uzum.sid, "complete", order)
    await uzum.sync(SyncUzumOrders)
    assert status_of(uzum, order) == "COMPLETED"
    uzum.sandbox.do(uzum.sid, "give_back", order)
    await uzum.sync(SyncUzumOrders)
    assert status_of(uzum, order) == "RETURNED"
    assert uzum.wrong() == []


@pytest.mark.parametrize("fault", ["refused", "forbidden"])
async def test_a_status_that_is_refused_makes_the_run_incomplete_and_hides_no_other(uzum: Seller, fault: str) -> None:
    orders = uzum.sandbox.make_orders(uzum.sid, 12)
    uzum.sandbox.do(uzum.sid, "accept", *orders[:6])
    uzum.sandbox.fault(fault, query="status=CREATED")
    failure = await uzum.failure(SyncUzumOrders)
    assert failure.type == "Incomplete"
    assert "CREATED" in failure.message
    assert (uzum.count(uzum_orders), watermark(uzum)) == (6, None)
    uzum.sandbox.clear()
    await uzum.sync(SyncUzumOrders)
    assert watermark(uzum) is not None
    assert uzum.wrong() == []


async def test_a_status_whose_server_fails_is_asked_again_and_then_left_out_for_the_others(uzum: Seller) -> None:
    orders = uzum.sandbox.make_orders(uzum.sid, 4)
    uzum.sandbox.do(uzum.sid, "accept", *orders[:2])
    uzum.sandbox.fault("server-error", query="status=CREATED")
    failure = await uzum.failure(SyncUzumOrders)
    assert failure.type == "Incomplete"
    assert uzum.count(uzum_orders) == 2
    uzum.sandbox.clear()
    await uzum.sync(SyncUzumOrders)
    assert uzum.wrong() == []


async def test_attempts_that_only_had_to_wait_do_not_make_a_run_impatient(uzum: Seller) -> None:
    uzum.sandbox.make_orders(uzum.sid, 4)
    uzum.sandbox.fault("throttle", retry=6, count=5)
    uzum.sandbox.fault("server-error", query="status=CREATED", count=2)
    assert (await uzum.sync(SyncUzumOrders)).fetched == 4
    assert uzum.calls(status=429) == 5
    assert uzum.wrong() == []


@pytest.mark.parametrize("fault", ["empty", "null-list", "empty-list", "missing-rows"])
async def test_absence_from_an_answer_means_nothing(uzum: Seller, fault: str) -> None:
    orders = uzum.sandbox.make_orders(uzum.sid, 20)
    await uzum.sync(SyncUzumOrders)
    uzum.sandbox.fault(fault, path="/api/seller-openapi/v2")
    assert (await uzum.sync(SyncUzumOrders)).changed == 0
    uzum.sandbox.clear()
    assert uzum.count(uzum_orders) == len(orders)
    assert uzum.wrong() == []


async def test_a_status_that_the_map_does_not_know_is_kept_and_counted(uzum: Seller) -> None:
    (order,) = uzum.sandbox.make_orders(uzum.sid, 1)
    uzum.sandbox.fault("unknown-status", query="status=CREATED", count=1)
    assert (await uzum.sync(SyncUzumOrders)).unknown == 1
    assert status_of(uzum, order) == "TELEPORTED"
    await uzum.sync(SyncUzumOrders)
    assert uzum.wrong() == []


async def test_bad_rows_are_set_aside_and_the_others_stored(uzum: Seller) -> None:
    uzum.sandbox.make_orders(uzum.sid, 14)
    uzum.sandbox.fault("bad-rows", query="status=CREATED", count=1)
    report = await uzum.sync(SyncUzumOrders)
    assert report.set_aside > 0
    assert report.fetched + report.set_aside >= 14
    await uzum.sync(SyncUzumOrders)
    assert uzum.wrong() == []


@pytest.mark.parametrize("hours", [-20, 20])
async def test_a_marketplace_whose_clock_is_off_hides_no_order(uzum: Seller, hours: int) -> None:
    uzum.begin_anew(uzum_sellers=2, clock_offset=hours * 3600)
    orders = uzum.sandbox.make_orders(uzum.sid, 8)
    uzum.sandbox.do(uzum.sid, "cancel", *orders[:4])
    await uzum.sync(SyncUzumOrders)
    assert uzum.wrong() == []


async def test_a_dead_token_pauses_the_account_and_names_what_uzum_said(uzum: Seller) -> None:
    uzum.sandbox.fault("gone")  # forbidden-001: Uzum knows no such token
    failure = await uzum.failure(SyncUzumOrders)
    assert failure.type == "AccessRevoked"
    assert uzum.calls() == 1
    uzum.sandbox.clear()
    assert "refused the token" in str((await uzum.sync(SyncUzumOrders)).stopped)
    uzum.resume()
    await uzum.sync(SyncUzumOrders)
    assert uzum.wrong() == []


async def test_a_spent_day_ends_the_run_without_a_failure_and_the_next_day_goes_on(uzum: Seller) -> None:
    uzum.sandbox.make_orders(uzum.sid, 3)
    uzum.sandbox.limit(60_000_000, 1_000_000, marketplace="uzum", per_day=5)
    report = await uzum.sync(SyncUzumOrders)
    assert report.not_before is not None
    assert timedelta(minutes=1) <= report.not_before - datetime.now(UTC)
    assert uzum.calls(status=429) == 0
    assert uzum.calls(status=200) == 5
    uzum.sandbox.world(skip_seconds=86_400)
    await uzum.sync(SyncUzumOrders)
    assert uzum.wrong() == []
