"""Each tool on both databases: what it finds, how it pages, and that a stranger's ids are missing ids."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert

from sellermind.agents.tool import Desk, Facts, Tool
from sellermind.agents.toolbox import TOOLS, tool_named
from sellermind.errors import RecordGone
from sellermind.models.accounts import Marketplace
from sellermind.models.agents import Risk, Scope
from sellermind.models.payload import Payload
from sellermind.storage import accounts, issues
from sellermind.storage.engine import transaction
from sellermind.storage.tables.orders import wb_orders
from sellermind.storage.tables.products import products
from sellermind.storage.tables.supplies import supplies
from sellermind.storage.tables.uzum import uzum_orders
from tests.fixtures.agents import TEXT

COMPANY, STRANGER = 7, 8


class Shop:
    """A company's desk, and a stranger beside it, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.wildberries = self.account(COMPANY, Marketplace.WILDBERRIES)
        self.uzum = self.account(COMPANY, Marketplace.UZUM)
        self.stranger = self.account(STRANGER, Marketplace.WILDBERRIES)
        scope = Scope(company_id=COMPANY, account_ids=(self.wildberries, self.uzum), run_id=1)
        self.desk = Desk(connection, scope, "agent-run/1/1.1.1")

    def account(self, company: int, marketplace: Marketplace) -> int:
        return accounts.add(
            self.connection,
            company_id=company,
            marketplace=marketplace,
            name=f"{marketplace.value} of {company}",
            token_cipher="sealed",
            shop_ids=(),
        )

    def order(self, number: int, day: int, **more: Any) -> None:
        account = more.pop("account", self.wildberries)
        table = uzum_orders if account == self.uzum else wb_orders
        known = {"status": "new", "total_amount": Decimal("100.50"), "currency": "RUB"}
        row = {"marketplace_account_id": account, "external_order_id": str(number)} | known | more
        self.connection.execute(insert(table).values(ordered_at=datetime(2026, 11, day, 23, tzinfo=UTC), **row))

    def product(self, company: int, article: str) -> int:
        row = {"company_id": company, "name": f"Кружка {article}", "article": article}
        return int(self.connection.execute(insert(products).values(**row)).lastrowid)

    def ask(self, name: str, **arguments: Any) -> Facts:
        tool = tool_named(name)
        assert tool is not None
        return tool.run(self.desk, tool.arguments.model_validate(arguments))


@pytest.fixture
def shop(database: Engine) -> Iterator[Shop]:
    with transaction(database) as connection:
        yield Shop(connection)


def test_orders_of_all_marketplaces_are_found_by_what_is_known_of_them(shop: Shop) -> None:
    shop.order(1, 20, article="mug", supply_id="WB-GI-1")
    shop.order(2, 21, status="cancelled")
    shop.order(3, 22, account=shop.uzum, currency="UZS")
    shop.order(4, 22, account=shop.stranger, article="mug")
    found = shop.ask("find_orders")
    assert [order["order_id"] for order in found["orders"]] == ["3", "2", "1"]
    assert (found["total"], found["next_page"]) == (3, None)
    assert [o["order_id"] for o in shop.ask("find_orders", article="mug")["orders"]] == ["1"]
    assert shop.ask("find_orders", status="cancelled")["total"] == 1
    assert shop.ask("find_orders", since="2026-11-21", until="2026-11-21")["total"] == 1
    assert shop.ask("find_orders", account_id=shop.uzum)["orders"][0]["marketplace"] == "uzum"
    first = shop.ask("find_orders", limit=2)
    assert (first["total"], len(first["orders"]), first["next_page"]) == (3, 2, 2)


def test_sales_are_summed_exactly_for_each_group_and_currency(shop: Shop) -> None:
    for number in range(3):
        shop.order(number, 20)
    shop.order(9, 20, account=shop.uzum, currency="UZS", total_amount=Decimal("5000000.00"))
    shop.order(10, 21, status="cancelled")
    month = {"since": "2026-11-01", "until": "2026-11-30"}
    lines = shop.ask("sales_summary", **month, by="day")["lines"]
    assert [(str(row["day"]), row["orders"], row["amount"], row["currency"]) for row in lines] == [
        ("2026-11-20", 3, Decimal("301.50"), "RUB"),
        ("2026-11-20", 1, Decimal("5000000.00"), "UZS"),
        ("2026-11-21", 1, Decimal("100.50"), "RUB"),
    ]
    assert {row["account"] for row in shop.ask("sales_summary", **month, by="account")["lines"]} == {
        shop.wildberries,
        shop.uzum,
    }
    assert shop.ask("sales_summary", since="2026-11-21", until="2026-11-21")["lines"][0]["status"] == "cancelled"


def test_wildberries_orders_are_summed_in_the_currency_of_the_seller(shop: Shop) -> None:
    for number, code in enumerate((643, 643, 398, 999)):
        shop.order(number, 20, currency=None, converted_currency_code=code)
    lines = shop.ask("sales_summary", since="2026-11-01", until="2026-11-30", by="day")["lines"]
    assert {row["currency"]: row["orders"] for row in lines} == {"RUB": 2, "KZT": 1, None: 1}


def test_health_tells_what_is_wrong_with_each_account(shop: Shop) -> None:
    issues.open_or_count(shop.connection, shop.uzum, "token_invalid", "401")
    found = {account["account_id"]: account for account in shop.ask("account_health")["accounts"]}
    assert set(found) == {shop.wildberries, shop.uzum}
    assert found[shop.uzum]["issues"][0]["message"] == "401"
    assert found[shop.wildberries]["issues"] == []


def test_a_supply_is_its_orders(shop: Shop) -> None:
    for number in range(3):
        shop.order(number, 20, supply_id="WB-GI-1")
    row = {"marketplace_account_id": shop.wildberries, "external_supply_id": "WB-GI-1", "name": "Осень"}
    shop.connection.execute(insert(supplies).values(**row))
    found = shop.ask("supply_contents", supply_id="WB-GI-1")
    assert (found["orders_count"], found["supply"]["name"]) == (3, "Осень")
    assert found["amounts"] == [{"currency": "RUB", "amount": Decimal("301.50")}]
    shop.order(9, 20, account=shop.stranger, supply_id="WB-GI-9")
    with pytest.raises(RecordGone):
        shop.ask("supply_contents", supply_id="WB-GI-9")


def test_a_product_is_read_proposed_for_and_written_version_by_version(shop: Shop) -> None:
    product = shop.product(COMPANY, "mug-1")
    assert shop.ask("product_context", article="mug-1")["product"]["id"] == product
    proposed = shop.ask("propose_description", product_id=product, **TEXT)
    assert (proposed["stored"], proposed["version"]) == (False, 1)
    assert shop.ask("product_context", product_id=product)["descriptions"] == []
    assert shop.ask("save_description", product_id=product, **TEXT)["version"] == 1
    (text,) = shop.ask("product_context", product_id=product)["descriptions"]
    assert (text["title"], text["version"]) == (TEXT["title"], 1)
    save = TOOLS["save_description"]
    assert save.reconcile is not None
    assert save.reconcile(shop.desk, save.arguments.model_validate({"product_id": product, **TEXT})) == {
        "stored": True,
        "product_id": product,
        "version": 1,
    }
    changed = shop.ask("propose_description", product_id=product, **{**TEXT, "title": "Новая кружка"})
    assert changed["changes"] == [{"field": "title", "before": TEXT["title"], "after": "Новая кружка"}]


def test_a_stranger_s_ids_are_missing_ids(shop: Shop) -> None:
    product = shop.product(STRANGER, "secret")
    for name, arguments in (
        ("find_orders", {"account_id": shop.stranger}),
        ("sales_summary", {"account_id": shop.stranger, "since": "2026-11-01", "until": "2026-11-30"}),
        ("account_health", {"account_id": shop.stranger}),
        ("product_context", {"product_id": product}),
        ("product_context", {"article": "secret"}),
        ("propose_description", {"product_id": product, **TEXT}),
        ("save_description", {"product_id": product, **TEXT}),
    ):
        with pytest.raises(RecordGone):
            shop.ask(name, **arguments)


def test_a_write_without_preview_and_reconcile_cannot_be_made() -> None:
    class Nothing(Payload):
        pass

    with pytest.raises(ValueError, match="needs a preview and a reconcile"):
        Tool(name="w", description="", arguments=Nothing, run=lambda _desk, _args: {}, risk=Risk.WRITE)


def test_seller_mind_s_name_of_a_tool_still_means_it() -> None:
    assert tool_named("get_product_context") is TOOLS["product_context"]
    assert tool_named("vpc_browser") is None
