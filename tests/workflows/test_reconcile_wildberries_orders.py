"""ReconcileWildberriesOrders on the sandbox and both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from sellermind.storage import cursors
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.orders import order_events, wb_orders
from sellermind.storage.tables.syncs import sync_cursors
from tests.fixtures.seller import Seller
from workflows.reconcile_wildberries_orders import ReconcileWildberriesOrders
from workflows.sync_new_wildberries_orders import SyncNewWildberriesOrders
from workflows.update_wildberries_orders_status import UpdateWildberriesOrdersStatus

LISTING = "/api/v3/orders"


def windows(seller: Seller) -> int:
    """Calls of the listing alone."""
    return sum(row["requests"] for row in seller.sandbox.stats()["paths"] if row["path"] == LISTING)


async def test_an_order_that_lived_and_died_between_two_polls_is_found_with_its_status(wildberries: Seller) -> None:
    (order,) = wildberries.sandbox.make_orders(wildberries.sid, 1)
    wildberries.sandbox.do(wildberries.sid, "decline", order)
    await wildberries.sync(SyncNewWildberriesOrders)
    assert wildberries.count(wb_orders) == 0
    report = await wildberries.sync(ReconcileWildberriesOrders)
    assert (report.created, report.fetched) == (1, 1)
    assert wildberries.row(order).status == "cancelled"
    assert (wildberries.events(order), wildberries.history(order)) == (["created"], ["cancelled"])
    assert wildberries.wrong() == []


async def test_the_statuses_of_what_was_found_are_asked_in_the_same_run_and_only_theirs(wildberries: Seller) -> None:
    wildberries.sandbox.make_orders(wildberries.sid, 3)
    await wildberries.sync(SyncNewWildberriesOrders)
    await wildberries.sync(UpdateWildberriesOrdersStatus)
    assert wildberries.calls("/orders/status") == 1
    await wildberries.sync(ReconcileWildberriesOrders)
    assert wildberries.calls("/orders/status") == 1
    wildberries.sandbox.make_orders(wildberries.sid, 2)
    await wildberries.sync(ReconcileWildberriesOrders)
    assert wildberries.calls("/orders/status") == 2
    assert wildberries.wrong() == []


async def test_the_first_run_reads_three_months_in_windows_of_at_most_thirty_days(wildberries: Seller) -> None:
    wildberries.begin_anew(open_orders=400, history_days=80)
    await wildberries.sync(ReconcileWildberriesOrders)
    assert windows(wildberries) == 3
    assert wildberries.calls(LISTING, 400) == 0
    assert wildberries.wrong() == []


async def test_the_first_run_of_a_day_finds_what_an_empty_answer_hid_the_day_before(wildberries: Seller) -> None:
    wildberries.begin_anew(open_orders=40, history_days=60)
    wildberries.sandbox.fault("empty-list", path=LISTING)
    assert (await wildberries.sync(ReconcileWildberriesOrders)).fetched == 0
    wildberries.sandbox.clear()
    with transaction(wildberries.engine) as connection:
        yesterday = datetime.now(UTC) - timedelta(days=1)
        cursors.move_watermark(connection, wildberries.account.id, "ReconcileWildberriesOrders", yesterday)
    await wildberries.sync(ReconcileWildberriesOrders)
    assert wildberries.wrong() == []
    before = windows(wildberries)
    await wildberries.sync(ReconcileWildberriesOrders)
    assert windows(wildberries) - before < 3  # the rest of the day, only what is recent or open


async def test_absence_from_the_listing_means_nothing(wildberries: Seller) -> None:
    orders = wildberries.sandbox.make_orders(wildberries.sid, 6)
    await wildberries.tick()
    for fault in ("empty-list", "null-list", "missing-rows"):
        wildberries.sandbox.fault(fault, path=LISTING, count=5)
        report = await wildberries.sync(ReconcileWildberriesOrders)
        wildberries.sandbox.clear()
        assert (report.created, report.changed) == (0, 0)
    assert wildberries.count(wb_orders) == len(orders)
    assert wildberries.wrong() == []


@pytest.mark.parametrize("fault", ["repeat-cursor", "late-end", "big-cursor", "short-pages", "duplicate-rows"])
async def test_a_listing_that_pages_in_another_way_ends_and_is_read_whole(wildberries: Seller, fault: str) -> None:
    wildberries.sandbox.make_orders(wildberries.sid, 1200)
    wildberries.sandbox.fault(fault, path=LISTING)
    report = await wildberries.sync(ReconcileWildberriesOrders)
    assert report.pages <= 12
    wildberries.sandbox.clear()
    if fault == "repeat-cursor":
        await wildberries.sync(ReconcileWildberriesOrders)
    assert wildberries.wrong() == []


async def test_a_later_run_looks_back_a_few_days_and_as_far_as_the_oldest_order_that_is_open(
    wildberries: Seller,
) -> None:
    (old,) = wildberries.sandbox.make_orders(wildberries.sid, 1)
    await wildberries.tick()
    before = windows(wildberries)
    assert before == 3  # three months
    await wildberries.sync(ReconcileWildberriesOrders)
    assert windows(wildberries) - before == 1
    assert wildberries.row(old).status == "new"


async def test_a_scan_price_that_comes_late_reaches_an_order_that_was_known_long_before(wildberries: Seller) -> None:
    (order,) = wildberries.sandbox.make_orders(wildberries.sid, 1)
    wildberries.sandbox.do(wildberries.sid, "assemble", order)
    await wildberries.tick()
    supply = wildberries.order(order)["supplyId"]
    for verb, subject in (("close", supply), ("scan", supply), ("sort", order), ("arrive", order), ("sell", order)):
        wildberries.sandbox.do(wildberries.sid, verb, subject)
    await wildberries.sync(UpdateWildberriesOrdersStatus)
    assert (wildberries.row(order).status, wildberries.row(order).scan_price) == ("completed", None)
    await wildberries.sync(ReconcileWildberriesOrders)
    assert wildberries.row(order).scan_price == wildberries.order(order)["scanPrice"]


async def test_the_two_forms_of_an_order_do_not_undo_each_other(wildberries: Seller) -> None:
    (order,) = wildberries.sandbox.make_orders(wildberries.sid, 1)
    await wildberries.tick()
    for job in (ReconcileWildberriesOrders, SyncNewWildberriesOrders, ReconcileWildberriesOrders):
        assert (await wildberries.sync(job)).changed == 0
    assert wildberries.events(order) == ["created", "changed"]


async def test_a_listing_that_refuses_dates_is_read_without_them_and_what_is_older_is_said_to_be_missing(
    wildberries: Seller,
) -> None:
    wildberries.begin_anew(open_orders=20, history_days=20)
    wildberries.sandbox.fault("refused", query="dateFrom")
    failure = await wildberries.failure(ReconcileWildberriesOrders)
    assert (failure.type, windows(wildberries)) == ("Incomplete", 2)
    assert "more than 30 days" in failure.message
    assert watermark(wildberries) is None
    assert wildberries.wrong() == []


async def test_a_later_run_that_is_refused_dates_reads_all_it_wants_without_them(wildberries: Seller) -> None:
    wildberries.sandbox.make_orders(wildberries.sid, 1200)
    await wildberries.sync(ReconcileWildberriesOrders)
    seen = watermark(wildberries)
    found = wildberries.sandbox.make_orders(wildberries.sid, 1200)
    wildberries.sandbox.fault("refused", query="dateFrom")
    report = await wildberries.sync(ReconcileWildberriesOrders)
    assert report.created == len(found)
    assert str(watermark(wildberries)) > str(seen)
    assert wildberries.calls(LISTING, 400) == 1
    assert wildberries.wrong() == []


async def test_a_run_that_failed_keeps_the_watermark_back(wildberries: Seller) -> None:
    wildberries.sandbox.make_orders(wildberries.sid, 2)
    wildberries.sandbox.fault("refused", path=LISTING, count=2)
    assert (await wildberries.failure(ReconcileWildberriesOrders)).type == "Refused"
    assert watermark(wildberries) is None
    await wildberries.sync(ReconcileWildberriesOrders)
    assert watermark(wildberries) is not None
    assert wildberries.wrong() == []


@pytest.mark.parametrize("hours", [-20, 20])
async def test_a_marketplace_whose_clock_is_off_hides_no_order(wildberries: Seller, hours: int) -> None:
    await wildberries.sync(ReconcileWildberriesOrders)
    if hours > 0:
        wildberries.sandbox.world(skip_seconds=hours * 3600)
    else:
        wildberries.begin_anew(clock_offset=hours * 3600)
    orders = wildberries.sandbox.make_orders(wildberries.sid, 3)
    wildberries.sandbox.do(wildberries.sid, "decline", *orders)
    await wildberries.sync(ReconcileWildberriesOrders)
    assert wildberries.wrong() == []


async def test_a_listing_that_lags_is_caught_up_with_by_a_later_run(wildberries: Seller) -> None:
    await wildberries.sync(ReconcileWildberriesOrders)
    orders = wildberries.sandbox.make_orders(wildberries.sid, 3)
    wildberries.sandbox.do(wildberries.sid, "decline", *orders)
    wildberries.sandbox.fault("lagging", delay=3600)
    assert (await wildberries.sync(ReconcileWildberriesOrders)).fetched == 0
    wildberries.sandbox.clear()
    assert (await wildberries.sync(ReconcileWildberriesOrders)).created == 3
    assert wildberries.wrong() == []


async def test_an_outage_in_the_middle_goes_on_with_the_next_page(wildberries: Seller) -> None:
    wildberries.sandbox.make_orders(wildberries.sid, 2500)
    await wildberries.sync(SyncNewWildberriesOrders)
    wildberries.sandbox.fault("cut", path=LISTING, query="next=13", count=1)
    assert (await wildberries.sync(ReconcileWildberriesOrders)).fetched == 2500
    assert windows(wildberries) == 3 + 2 + 1
    assert wildberries.wrong() == []
    with reading(wildberries.engine) as connection:
        created = select(order_events.c.id).where(order_events.c.event == "created")
        assert len(connection.execute(created).all()) == 2500


def watermark(seller: Seller) -> object:
    query = select(sync_cursors.c.watermark).where(sync_cursors.c.job == "ReconcileWildberriesOrders")
    with reading(seller.engine) as connection:
        return connection.execute(query).scalar_one()
