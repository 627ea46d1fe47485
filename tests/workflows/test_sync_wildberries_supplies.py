"""SyncWildberriesSupplies on the sandbox and both databases."""

import pytest
from sqlalchemy import select

from sellermind.models.accounts import Issue
from sellermind.storage import issues
from sellermind.storage.engine import reading
from sellermind.storage.tables.supplies import supplies, tares
from tests.fixtures.seller import Seller
from workflows.sync_wildberries_supplies import SyncWildberriesSupplies
from workflows.update_wildberries_orders_status import UpdateWildberriesOrdersStatus

ORDER_IDS = "/order-ids"
BOXES = "/trbx"
LISTING = "/api/v3/supplies"


async def packed(seller: Seller, count: int = 6) -> tuple[list[int], list[str]]:
    """Orders that are in open supplies, and all that is in the tables."""
    orders = seller.sandbox.make_orders(seller.sid, count)
    seller.sandbox.do(seller.sid, "assemble", *orders)
    await seller.tick()
    return orders, [supply["id"] for supply in seller.truth()["supplies"]]


def listings(seller: Seller) -> int:
    return sum(row["requests"] for row in seller.sandbox.stats()["paths"] if row["path"] == LISTING)


def open_issues(seller: Seller) -> list[Issue]:
    with reading(seller.engine) as connection:
        return issues.open_issues(connection, seller.account.id)


async def test_supplies_their_orders_and_their_boxes_come_into_the_tables(wildberries: Seller) -> None:
    orders, supply_ids = await packed(wildberries, 40)
    assert {wildberries.row(order).supply_id for order in orders} == set(supply_ids)
    wildberries.sandbox.do(wildberries.sid, "close", *supply_ids)
    await wildberries.tick()
    assert wildberries.count(tares) > 0
    assert wildberries.wrong() == []


async def test_a_supply_is_open_then_closed_then_accepted(wildberries: Seller) -> None:
    _, supply_ids = await packed(wildberries, 1)
    for verb, state, status in (
        (None, "open", "draft"),
        ("close", "closed", "sent"),
        ("scan", "accepted", "delivered"),
    ):
        if verb:
            wildberries.sandbox.do(wildberries.sid, verb, *supply_ids)
            await wildberries.sync(SyncWildberriesSupplies)
        row = wildberries.supply(supply_ids[0])
        assert (row.wb_state, row.status) == (state, status)


async def test_calls_are_pages_and_two_for_each_live_supply(wildberries: Seller) -> None:
    _, supply_ids = await packed(wildberries, 30)
    before = wildberries.calls()
    await wildberries.sync(SyncWildberriesSupplies)
    assert wildberries.calls() - before == 1 + 2 * len(supply_ids)


async def test_a_scanned_supply_is_never_asked_about_again(wildberries: Seller) -> None:
    _, supply_ids = await packed(wildberries, 30)
    for verb in ("close", "scan"):
        wildberries.sandbox.do(wildberries.sid, verb, *supply_ids)
    await wildberries.tick()  # it was open at the last look: one more tells what it left with
    before = wildberries.calls()
    await wildberries.sync(SyncWildberriesSupplies)
    assert wildberries.calls() - before == 1
    assert wildberries.wrong() == []


async def test_a_supply_closed_and_scanned_between_two_runs_is_read_once_more(wildberries: Seller) -> None:
    _, supply_ids = await packed(wildberries, 4)
    late = wildberries.sandbox.make_orders(wildberries.sid, 5)
    wildberries.sandbox.do(wildberries.sid, "assemble", *late)
    for verb in ("close", "scan"):
        wildberries.sandbox.do(wildberries.sid, verb, *{wildberries.order(order)["supplyId"] for order in late})
    await wildberries.tick()
    assert wildberries.wrong() == []
    assert supply_ids


@pytest.mark.parametrize("hours", [-20, 20])
async def test_a_supply_that_left_is_read_once_more_whatever_the_marketplaces_clock_says(
    wildberries: Seller, hours: int
) -> None:
    wildberries.begin_anew(clock_offset=hours * 3600)
    await packed(wildberries, 4)
    late = wildberries.sandbox.make_orders(wildberries.sid, 5)
    wildberries.sandbox.do(wildberries.sid, "assemble", *late)
    for verb in ("close", "scan"):
        wildberries.sandbox.do(wildberries.sid, verb, *{wildberries.order(order)["supplyId"] for order in late})
    await wildberries.tick()
    assert wildberries.wrong() == []


async def test_an_order_taken_back_into_assembly_changes_its_supply(wildberries: Seller) -> None:
    orders, supply_ids = await packed(wildberries, 3)
    wildberries.sandbox.do(wildberries.sid, "close", *supply_ids)
    await wildberries.tick()
    wildberries.sandbox.do(wildberries.sid, "transfer", orders[0])
    await wildberries.tick()
    assert wildberries.row(orders[0]).supply_id == wildberries.order(orders[0])["supplyId"]
    assert wildberries.wrong() == []


async def test_an_order_cancelled_in_its_open_supply_leaves_it_and_one_cancelled_later_stays(
    wildberries: Seller,
) -> None:
    orders, supply_ids = await packed(wildberries, 8)
    wildberries.sandbox.do(wildberries.sid, "cancel", orders[0])
    wildberries.sandbox.do(wildberries.sid, "close", *supply_ids)
    await wildberries.tick()
    wildberries.sandbox.do(wildberries.sid, "cancel_by_client", orders[1])
    await wildberries.tick()
    assert wildberries.row(orders[0]).supply_id is None
    assert wildberries.row(orders[1]).supply_id is not None
    assert wildberries.wrong() == []


async def test_statuses_and_supplies_in_turn_leave_every_other_column_whole(wildberries: Seller) -> None:
    """The original let rows of three fields overwrite whole orders."""
    await packed(wildberries, 5)
    for job in (UpdateWildberriesOrdersStatus, SyncWildberriesSupplies) * 2:
        await wildberries.sync(job)
        assert wildberries.wrong() == []


async def test_a_supply_missing_from_two_complete_listings_is_marked_and_never_deleted(wildberries: Seller) -> None:
    orders, supply_ids = await packed(wildberries, 12)
    emptied = wildberries.order(orders[0])["supplyId"]
    wildberries.sandbox.do(
        wildberries.sid, "cancel", *(o for o in orders if wildberries.order(o).get("supplyId") == emptied)
    )
    wildberries.sandbox.do(wildberries.sid, "close", emptied)  # an empty supply is deleted
    await wildberries.tick()
    assert wildberries.supply(emptied).missing_since is None
    await wildberries.tick()
    assert wildberries.supply(emptied).missing_since is not None
    assert wildberries.count(supplies) == len(supply_ids)
    assert wildberries.calls(ORDER_IDS, 404) == 0  # and nobody asked for what it holds
    assert wildberries.wrong() == []


@pytest.mark.parametrize("fault", ["empty-list", "null-list", "empty"])
async def test_an_empty_listing_marks_nothing_however_often_it_comes(wildberries: Seller, fault: str) -> None:
    _, supply_ids = await packed(wildberries, 12)
    wildberries.sandbox.fault(fault, path="/api/v3/supplies", query="limit")
    for _ in range(3):
        await wildberries.sync(SyncWildberriesSupplies)
    with reading(wildberries.engine) as connection:
        assert connection.execute(select(supplies.c.missing_since)).scalars().all() == [None] * len(supply_ids)


async def test_a_listing_that_lost_rows_once_marks_nothing(wildberries: Seller) -> None:
    await packed(wildberries, 30)
    wildberries.sandbox.fault("missing-rows", path="/api/v3/supplies", query="limit", count=1)
    await wildberries.sync(SyncWildberriesSupplies)
    await wildberries.sync(SyncWildberriesSupplies)
    assert wildberries.wrong() == []


async def test_a_listing_goes_on_behind_an_empty_page_whose_cursor_moves_and_marks_nothing(
    wildberries: Seller,
) -> None:
    orders = wildberries.sandbox.make_orders(wildberries.sid, 30)
    wildberries.sandbox.do(wildberries.sid, "assemble", *orders)
    assert len(wildberries.truth()["supplies"]) > 2
    wildberries.sandbox.fault("short-pages", path=LISTING, rows=1)
    await wildberries.tick()
    wildberries.sandbox.do(wildberries.sid, "close", *(supply["id"] for supply in wildberries.truth()["supplies"]))
    for _ in range(3):
        wildberries.sandbox.fault("empty-list", path=LISTING, query="limit", count=1)
        await wildberries.tick()
    states = {supply["id"]: wildberries.supply(supply["id"]).wb_state for supply in wildberries.truth()["supplies"]}
    first, *others = states.values()
    assert (first, set(others)) == ("open", {"closed"})
    with reading(wildberries.engine) as connection:
        assert connection.execute(select(supplies.c.missing_since)).scalars().all() == [None] * len(states)


async def test_two_empty_pages_end_a_listing_that_goes_on_for_ever(wildberries: Seller) -> None:
    await packed(wildberries, 30)
    wildberries.sandbox.fault("short-pages", path=LISTING, rows=1)
    wildberries.sandbox.fault("empty-list", path=LISTING, query="limit")
    before = listings(wildberries)
    await wildberries.sync(SyncWildberriesSupplies)
    assert listings(wildberries) - before == 2


async def test_an_empty_list_of_orders_frees_no_order_that_lives(wildberries: Seller) -> None:
    orders, _ = await packed(wildberries, 5)
    wildberries.sandbox.fault("empty-list", path="/api/marketplace/v3/supplies")
    await wildberries.sync(SyncWildberriesSupplies)
    assert all(wildberries.row(order).supply_id for order in orders)


async def test_boxes_that_are_refused_open_an_issue_and_stop_nothing_else(wildberries: Seller) -> None:
    orders = wildberries.sandbox.make_orders(wildberries.sid, 12)
    wildberries.sandbox.do(wildberries.sid, "assemble", *orders)
    wildberries.sandbox.fault("forbidden", path="/api/v3/supplies/WB", count=1)
    await wildberries.sync(UpdateWildberriesOrdersStatus)
    await wildberries.sync(SyncWildberriesSupplies)
    assert [issue.kind for issue in open_issues(wildberries)] == ["insufficient_permissions"]
    assert wildberries.calls(BOXES) == 1
    assert wildberries.calls(ORDER_IDS) == len(wildberries.truth()["supplies"])


async def test_boxes_refused_at_the_last_look_are_read_when_wildberries_lists_them_again(wildberries: Seller) -> None:
    _, supply_ids = await packed(wildberries, 40)
    for verb in ("close", "scan"):
        wildberries.sandbox.do(wildberries.sid, verb, *supply_ids)
    wildberries.sandbox.fault("forbidden", path="/api/v3/supplies/WB", count=1)
    await wildberries.sync(SyncWildberriesSupplies)
    assert wildberries.count(tares) == 0
    assert len(open_issues(wildberries)) == 1
    await wildberries.tick()
    assert open_issues(wildberries) == []
    assert wildberries.wrong() == []


@pytest.mark.parametrize("path", ["/api/marketplace/v3/supplies", "/api/v3/supplies/WB"])
async def test_a_list_with_rows_that_cannot_be_read_frees_nobody_and_is_read_again(
    wildberries: Seller, path: str
) -> None:
    orders, supply_ids = await packed(wildberries, 40)
    for verb in ("close", "scan"):
        wildberries.sandbox.do(wildberries.sid, verb, *supply_ids)
    wildberries.sandbox.fault("bad-rows", path=path, damage="missing-id")
    await wildberries.sync(SyncWildberriesSupplies)
    assert all(wildberries.row(order).supply_id for order in orders)
    wildberries.sandbox.clear()
    await wildberries.tick()
    assert wildberries.wrong() == []


async def test_an_outage_in_the_middle_reads_no_supply_twice(wildberries: Seller) -> None:
    _, supply_ids = await packed(wildberries, 30)
    before = wildberries.calls(ORDER_IDS)
    wildberries.sandbox.fault("server-error", path="/api/marketplace", after=1, count=2)
    await wildberries.sync(SyncWildberriesSupplies)
    assert wildberries.calls(ORDER_IDS) - before == len(supply_ids) + 2
    assert wildberries.wrong() == []


async def test_supplies_of_several_pages_are_listed_whole(wildberries: Seller) -> None:
    await packed(wildberries, 30)
    wildberries.sandbox.fault("short-pages", path="/api/v3/supplies")
    wildberries.sandbox.fault("late-end", path="/api/v3/supplies")
    before = listings(wildberries)
    await wildberries.sync(SyncWildberriesSupplies)
    assert listings(wildberries) - before == 2
    assert wildberries.wrong() == []
