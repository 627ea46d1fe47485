"""A live SellerMind database from the first look to the first sync: adopted, its tokens read, its rows its own."""

import asyncio
import base64
import os
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update
from temporalio.client import Client

from schedules.apply import register_search_attributes
from sellermind.models.accounts import AccountRef, Marketplace
from sellermind.storage.engine import build_engine
from sellermind.temporal import data_converter
from tests.fixtures.command_line import Ran, sellermind
from tests.fixtures.product import Product, differences, settings_for
from tests.fixtures.sandbox import Sandbox
from tests.fixtures.tokens import laravel_sealed
from tests.sellermind.storage import original

APP_KEY = base64.b64encode(os.urandom(32)).decode()
LARAVEL = {"SELLERMIND_LARAVEL_APP_KEY": f"base64:{APP_KEY}"}
ACCOUNT, ORDERS = 5, 30
JOBS = ("SyncNewWildberriesOrders", "UpdateWildberriesOrdersStatus", "SyncWildberriesSupplies")
# What stays different: orders that the marketplace does not know, and numbers that SellerMind keeps as text.
THEIRS = ("order 100:", "order srid-of-the-statistics:", "nm_id is '", "currency_code is '")
OLD = {
    original.orders: {9, 10},
    original.items: {1, 4, 5},
    original.supplies: {2},
    original.tares: {1},
    original.generation_tasks: {1},
    original.polling: {1},
}


@pytest.fixture
def live(
    mariadb_url: str, sandbox: Sandbox, namespace: Client, temporal_address: str, tmp_path: Any
) -> Iterator[Product]:
    """SellerMind's database as it was left, the marketplace and a Temporal server: nothing of ours is there yet."""
    engine = build_engine(mariadb_url)
    original.install(engine)
    original.spoil(engine)
    settings = settings_for(mariadb_url, sandbox)
    client = Client(namespace.service_client, namespace=namespace.namespace, data_converter=data_converter(settings))
    yield Product(engine, settings, sandbox, client, temporal_address, tmp_path)
    engine.dispose()


async def typed(live: Product, *arguments: str) -> Ran:
    return await asyncio.to_thread(sellermind, *arguments, environment=live.environment | LARAVEL)


def remove_duplicates(engine: Engine) -> None:
    """As the verb's remedies say: boxes first, then all but the row to keep."""
    with engine.begin() as connection:
        connection.execute(update(original.tares).where(original.tares.c.supply_id == 3).values(supply_id=2))
        for table, ids in ((original.tares, {2}), (original.supplies, {3}), (original.items, {2, 3})):
            connection.execute(delete(table).where(table.c.id.in_(ids)))


def old_rows(engine: Engine) -> list[Any]:
    """What SellerMind had stored, in the columns that it had; of the account a sync writes when it went well."""
    with engine.connect() as connection:
        return [
            connection.execute(select(table).where(table.c.id.in_(ids)).order_by(table.c.id)).all()
            for table, ids in OLD.items()
        ]


def statements(ran: Ran) -> list[str]:
    """Sorted, since the indexes of one new table have no order."""
    return sorted(change["sql"] for change in ran.json["changes"])


async def test_a_sync_fills_an_adopted_database_with_a_token_that_laravel_sealed(live: Product) -> None:
    seller = next(each for each in live.sandbox.sellers() if each["marketplace"] != "uzum")
    live.sandbox.make_orders(seller["sid"], ORDERS)
    with live.engine.begin() as connection:
        sealed = laravel_sealed(seller["token"], APP_KEY)
        mine = original.accounts.c.id == ACCOUNT
        connection.execute(update(original.accounts).where(mine).values(api_key=sealed))
    refused = await typed(live, "db", "adopt", "--yes")
    assert (refused.code, "List them: SELECT" in refused.out) == (1, True)
    remove_duplicates(live.engine)
    before = old_rows(live.engine)
    planned = await typed(live, "db", "adopt", "--dry-run", "--json")
    odd = {one["what"]: one["rows"] for one in planned.json["odd_rows"]}
    assert odd["with a token that no configured key opens"] == 1
    adopted = await typed(live, "db", "adopt", "--yes", "--json")
    assert statements(adopted) == statements(planned), adopted.err
    await register_search_attributes(live.client)
    with live.worker("high", "worker", **LARAVEL):
        for job in JOBS:
            ran = await typed(live, "dispatch", job, "--account", str(ACCOUNT), "--wait")
            assert ran.code == 0, ran
    account = AccountRef(id=ACCOUNT, company_id=3, marketplace=Marketplace.WILDBERRIES, name="wb 5")
    found = [str(one) for one in differences(live.engine, account, live.sandbox, seller["sid"])]
    assert [one for one in found if not any(each in one for each in THEIRS)] == []
    assert len({one for one in found if "nm_id is '" in one}) == ORDERS
    assert old_rows(live.engine) == before
