"""`make chaos`: 50,000 orders in one reconcile, 1,000 accounts in one tick, 50 sellers with 3,000 open orders each."""

import time
from collections.abc import Callable

from schedules.apply import register_search_attributes
from sellermind import ids
from sellermind.models.accounts import Marketplace
from sellermind.models.sync import SyncTick
from sellermind.storage import cursors
from sellermind.storage.engine import reading
from tests.fixtures.growth import reconcile, tick
from tests.fixtures.patience import until
from tests.fixtures.proc import peak_mb
from tests.fixtures.product import Product, add_account, differences
from workflows.sync_all_accounts import SyncAllAccounts

JOB = "SyncNewWildberriesOrders"
ACCOUNTS = 1_000
TICK_SECONDS = 60
STATUSES = "UpdateWildberriesOrdersStatus"
SELLERS, OPEN_ORDERS = 50, 3_000


async def test_fifty_thousand_orders_take_eleven_events_and_a_page_of_memory(
    product: Product, figure: Callable[[str], None]
) -> None:
    cost = await reconcile(product, 50_000)
    figure(str(cost))
    assert cost.events <= 11
    assert cost.grown_mb < 60


async def test_a_thousand_accounts_are_started_within_their_tick(
    product: Product, figure: Callable[[str], None]
) -> None:
    await register_search_attributes(product.client)
    for company_id, card in enumerate(product.sandbox.reset(sellers=ACCOUNTS), 1):
        add_account(product.engine, product.settings, card, company_id)
    tick = SyncTick(job=JOB, marketplace=Marketplace.WILDBERRIES, purpose="growth", every_seconds=TICK_SECONDS)
    with product.worker("high", "only"):
        began = time.monotonic()
        report = await product.client.execute_workflow(
            SyncAllAccounts.run, tick, id=ids.fan_out(JOB), task_queue="high"
        )
        took = time.monotonic() - began
        await until(lambda: _succeeded(product) == ACCOUNTS, "every account is synced", patience=120)
        through = time.monotonic() - began
    last = await product.client.get_workflow_handle(ids.fan_out(JOB)).describe()
    figure(f"{ACCOUNTS} accounts started in {took:.0f} s, synced in {through:.0f} s, {last.history_length} events")
    assert (report.started, report.still_running) == (ACCOUNTS, 0)
    assert took < TICK_SECONDS
    assert last.history_length < 200


async def test_fifty_sellers_with_three_thousand_open_orders_each_are_asked_in_three_calls_a_seller(
    product: Product, figure: Callable[[str], None]
) -> None:
    await register_search_attributes(product.client)
    cards = product.sandbox.reset(sellers=SELLERS)
    orders = {card["sid"]: product.sandbox.make_orders(card["sid"], OPEN_ORDERS) for card in cards}
    accounts = [add_account(product.engine, product.settings, card, number) for number, card in enumerate(cards, 1)]
    with product.worker("high", "only") as worker:
        first = await tick(product, JOB, accounts, "pull new")
        idle = peak_mb(worker.pid)
        asked = await tick(product, STATUSES, accounts, "first statuses")
        for sid, ids in orders.items():
            product.sandbox.do(sid, "assemble", *ids[: OPEN_ORDERS // 3])
        moved = await tick(product, STATUSES, accounts, "a third has moved")
        still = await tick(product, STATUSES, accounts, "nothing has moved")
        grown = peak_mb(worker.pid) - idle
    figure("; ".join(map(str, (first, asked, moved, still))))
    figure(f"{SELLERS} sellers with {OPEN_ORDERS} open orders: statuses take {grown:.0f} MB beyond {idle:.0f} MB")
    assert [cost.calls for cost in (asked, moved, still)] == [3 * SELLERS] * 3
    assert (first.changed, moved.changed, still.changed) == (SELLERS * OPEN_ORDERS, SELLERS * OPEN_ORDERS // 3, 0)
    assert sum(cost.throttled for cost in (first, asked, moved, still)) == 0
    assert max(cost.events for cost in (asked, moved, still)) <= 11
    assert grown < 60
    for account, sid in zip(accounts, orders, strict=True):
        assert differences(product.engine, account, product.sandbox, sid) == []


def _succeeded(product: Product) -> int:
    with reading(product.engine) as connection:
        return sum(line.succeeded_at is not None for line in cursors.freshness(connection))
