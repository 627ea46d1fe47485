"""UpdateWildberriesOrdersStatus on the sandbox and both databases."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from sellermind.models.orders import OrderStatus, StatusList
from sellermind.storage import statuses
from sellermind.storage.engine import transaction
from sellermind.storage.tables.orders import order_status_history, wb_orders
from tests.fixtures.patience import PATIENCE
from tests.fixtures.seller import Seller
from workflows.reconcile_wildberries_orders import ReconcileWildberriesOrders
from workflows.sync_new_wildberries_orders import SyncNewWildberriesOrders
from workflows.sync_wildberries_supplies import SyncWildberriesSupplies
from workflows.update_wildberries_orders_status import UpdateWildberriesOrdersStatus

STATUS = "/orders/status"


async def known(seller: Seller, count: int) -> list[int]:
    """So many new orders, already in the table and with their first status."""
    orders = seller.sandbox.make_orders(seller.sid, count)
    await seller.sync(SyncNewWildberriesOrders)
    await seller.sync(UpdateWildberriesOrdersStatus)
    return orders


async def test_every_change_of_status_comes_with_one_row_of_history_and_one_event(wildberries: Seller) -> None:
    first, second = await known(wildberries, 2)
    wildberries.sandbox.do(wildberries.sid, "assemble", first)
    assert (await wildberries.sync(UpdateWildberriesOrdersStatus)).changed == 1
    row = wildberries.row(first)
    assert (row.wb_supplier_status, row.wb_status, row.status) == ("confirm", "waiting", "in_assembly")
    assert (row.status_normalized, row.wb_status_group) == ("in_assembly", "assembling")
    assert wildberries.history(first) == ["new", "in_assembly"]
    assert wildberries.events(first) == ["created", "changed", "changed"]
    assert wildberries.history(second) == ["new"]


async def test_a_reading_that_says_nothing_new_writes_no_history_and_no_event(wildberries: Seller) -> None:
    (order,) = await known(wildberries, 1)
    report = await wildberries.sync(UpdateWildberriesOrdersStatus)
    assert (report.fetched, report.changed) == (1, 0)
    assert (wildberries.history(order), wildberries.events(order)) == (["new"], ["created", "changed"])


async def test_open_orders_are_asked_for_a_thousand_a_call(wildberries: Seller) -> None:
    orders = wildberries.sandbox.make_orders(wildberries.sid, 2300)
    await wildberries.sync(SyncNewWildberriesOrders)
    report = await wildberries.sync(UpdateWildberriesOrdersStatus)
    assert (report.fetched, report.pages, wildberries.calls(STATUS)) == (2300, 3, 3)
    assert len(orders) == wildberries.count(order_status_history)


async def test_orders_that_end_while_their_chunk_is_asked_shift_nobody_out_of_the_next_one(wildberries: Seller) -> None:
    orders = await known(wildberries, 1500)
    wildberries.sandbox.do(wildberries.sid, "decline", *orders[:1000])
    wildberries.sandbox.do(wildberries.sid, "assemble", *orders[1000:])
    assert (await wildberries.sync(UpdateWildberriesOrdersStatus)).changed == 1500
    assert wildberries.row(orders[0]).status == "cancelled"
    await wildberries.sync(SyncWildberriesSupplies)
    assert wildberries.wrong() == []


async def test_an_order_that_has_ended_is_asked_for_no_more(wildberries: Seller) -> None:
    first, _ = await known(wildberries, 2)
    wildberries.sandbox.do(wildberries.sid, "decline", first)
    await wildberries.sync(UpdateWildberriesOrdersStatus)
    assert (await wildberries.sync(UpdateWildberriesOrdersStatus)).fetched == 1


async def test_no_open_order_means_no_call(wildberries: Seller) -> None:
    assert (await wildberries.sync(UpdateWildberriesOrdersStatus)).fetched == 0
    assert wildberries.calls() == 0


async def test_a_status_that_the_map_does_not_know_is_kept_counted_and_asked_again(wildberries: Seller) -> None:
    (order,) = await known(wildberries, 1)
    wildberries.sandbox.fault("unknown-status", path="/api/v3/orders/status", count=1)
    assert (await wildberries.sync(UpdateWildberriesOrdersStatus)).unknown == 1
    row = wildberries.row(order)
    assert (row.wb_supplier_status, row.wb_status, row.status) == ("teleported", "lost_in_space", "unknown")
    await wildberries.sync(UpdateWildberriesOrdersStatus)
    assert wildberries.wrong() == []
    assert wildberries.history(order) == ["new", "unknown", "new"]


async def test_an_id_that_the_answer_omits_stays_as_it_was(wildberries: Seller) -> None:
    orders = await known(wildberries, 6)
    wildberries.sandbox.do(wildberries.sid, "assemble", *orders)
    wildberries.sandbox.fault("missing-rows", path="/api/v3/orders/status", count=1)
    assert (await wildberries.sync(UpdateWildberriesOrdersStatus)).changed == 4
    left_out = [order for order in orders if wildberries.row(order).status == "new"]
    assert len(left_out) == 2
    assert {tuple(wildberries.history(order)) for order in left_out} == {("new",)}
    assert (await wildberries.sync(UpdateWildberriesOrdersStatus)).changed == 2


async def test_a_status_that_goes_back_is_followed_back(wildberries: Seller) -> None:
    (order,) = await known(wildberries, 1)
    for verb, status in (("assemble", "in_assembly"), ("close", "in_delivery"), ("transfer", "in_assembly")):
        subject = wildberries.order(order)["supplyId"] if verb == "close" else order
        wildberries.sandbox.do(wildberries.sid, verb, subject)
        await wildberries.sync(UpdateWildberriesOrdersStatus)
        assert wildberries.row(order).status == status
    assert wildberries.history(order) == ["new", "in_assembly", "in_delivery", "in_assembly"]


async def test_the_newest_reading_wins_when_two_answers_arrive_in_the_wrong_order(wildberries: Seller) -> None:
    (order,) = await known(wildberries, 1)
    earlier = datetime.now(UTC)
    wildberries.sandbox.do(wildberries.sid, "assemble", order)
    await wildberries.sync(UpdateWildberriesOrdersStatus)
    late = OrderStatus(external_order_id=str(order), supplier_status="new", wb_status="waiting")
    with transaction(wildberries.engine) as connection:
        answer = StatusList(statuses=(late,), set_aside=(), read_at=earlier)
        assert statuses.store_wildberries(connection, wildberries.account.id, answer).changed == 0
    assert wildberries.row(order).status == "in_assembly"


async def test_two_runs_whose_answers_cross_leave_the_newer_status(wildberries: Seller) -> None:
    """A slow answer to one job meets a fast one to another: reconcile and the poll both read statuses."""
    (order,) = await known(wildberries, 1)
    with transaction(wildberries.engine) as connection:
        connection.execute(update(wb_orders).values(status_read_at=None))  # so that reconcile asks for it as well
    wildberries.sandbox.fault("latency", path="/api/v3/orders/status", delay=1.5, count=1)
    slow = asyncio.create_task(wildberries.sync(ReconcileWildberriesOrders))
    async with asyncio.timeout(PATIENCE):
        while not wildberries.calls(STATUS) > 1:
            await asyncio.sleep(0.05)
    wildberries.sandbox.do(wildberries.sid, "assemble", order)
    await wildberries.sync(UpdateWildberriesOrdersStatus)
    assert wildberries.row(order).status == "in_assembly"
    await slow
    assert wildberries.row(order).status == "in_assembly"


async def test_an_order_cancelled_while_its_supply_is_open_has_left_it(wildberries: Seller) -> None:
    (order,) = await known(wildberries, 1)
    wildberries.sandbox.do(wildberries.sid, "assemble", order)
    await wildberries.tick()
    assert wildberries.row(order).supply_id == wildberries.order(order)["supplyId"]
    wildberries.sandbox.do(wildberries.sid, "cancel", order)
    await wildberries.sync(UpdateWildberriesOrdersStatus)
    assert wildberries.row(order).supply_id is None


@pytest.mark.parametrize("fault", ["null-list", "empty-list", "empty", "bad-rows"])
async def test_an_answer_without_a_readable_row_changes_nothing(wildberries: Seller, fault: str) -> None:
    orders = await known(wildberries, 7)
    wildberries.sandbox.do(wildberries.sid, "assemble", *orders)
    damage = {"damage": "missing-id"} if fault == "bad-rows" else {}
    wildberries.sandbox.fault(fault, path="/api/v3/orders/status", count=1, **damage)
    report = await wildberries.sync(UpdateWildberriesOrdersStatus)
    assert (report.changed, report.set_aside) == (0, 7 if damage else 0)
    assert {wildberries.row(order).status for order in orders} == {"new"}
    await wildberries.tick()
    assert wildberries.wrong() == []


async def test_an_outage_between_two_chunks_loses_and_repeats_no_chunk(wildberries: Seller) -> None:
    await known(wildberries, 2100)
    wildberries.sandbox.fault("cut", path="/api/v3/orders/status", after=1, count=1)
    before = wildberries.calls(STATUS)
    report = await wildberries.sync(UpdateWildberriesOrdersStatus)
    assert (report.fetched, report.pages) == (2100, 3)
    assert wildberries.calls(STATUS) - before == 3 + 1


async def test_statuses_are_read_by_the_time_of_the_request(wildberries: Seller) -> None:
    (order,) = await known(wildberries, 1)
    wildberries.sandbox.fault("latency", path="/api/v3/orders/status", delay=1.0, count=1)
    before = datetime.now(UTC)
    await wildberries.sync(UpdateWildberriesOrdersStatus)
    assert before < wildberries.row(order).status_read_at < datetime.now(UTC) - timedelta(seconds=1)
