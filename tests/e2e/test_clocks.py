"""Which of two readings is newer is decided by the database's clock, not by the workers'."""

from ops.demo.account_comparison import compare_account
from sellermind import ids
from sellermind.models.accounts import AccountRef
from sellermind.models.sync import SyncAccount
from sellermind.storage.engine import reading
from tests.fixtures.attempts import wrong_clock
from tests.fixtures.crash import QUEUES
from tests.fixtures.product import Product, add_account
from tests.fixtures.seller import unlimited
from tests.fixtures.stage import ONE_TICK


async def test_what_a_worker_reads_counts_though_its_clock_is_an_hour_behind(product: Product) -> None:
    card = product.sandbox.reset(sellers=1)[0]
    unlimited(product.sandbox)
    account = add_account(product.engine, product.settings, card)
    orders = product.sandbox.make_orders(card["sid"], 9)
    with product.worker("high", "right"):
        await tick(product, account)
    product.sandbox.do(card["sid"], "assemble", *orders[::2])
    product.sandbox.do(card["sid"], "decline", *orders[1::2])
    with product.worker("high", "behind", **wrong_clock(-3600)):
        await tick(product, account)
    with reading(product.engine) as connection:
        found = compare_account(connection, account.id, product.sandbox.truth(card["sid"])).differences
    assert list(map(str, found)) == []


async def tick(product: Product, account: AccountRef) -> None:
    """Every job of the account, one after another."""
    for job in ONE_TICK[:-1]:
        await product.client.execute_workflow(
            job, SyncAccount(account_id=account.id), id=ids.account_job(job, account.id), task_queue=QUEUES[job]
        )
