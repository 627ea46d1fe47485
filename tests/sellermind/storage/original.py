"""SellerMind's own tables as its migrations make them, as far as an adoption meets them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    TIMESTAMP,
    BigInteger,
    Boolean,
    Column,
    Engine,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import SchemaItem

ORIGINAL = MetaData()
ID = BigInteger().with_variant(mysql.BIGINT(unsigned=True), "mysql").with_variant(Integer(), "sqlite")
TINY = Integer().with_variant(mysql.TINYINT(unsigned=True), "mysql")
LONG = Text().with_variant(mysql.LONGTEXT(), "mysql")
MYSQL_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_unicode_ci",
}


def table(name: str, *items: SchemaItem) -> Table:
    """A table of Laravel's making: an id in front, its two times at the end."""
    key, times = (
        Column("id", ID, primary_key=True),
        (Column(f"{each}_at", TIMESTAMP) for each in ("created", "updated")),
    )
    return Table(name, ORIGINAL, key, *items, *times, **MYSQL_OPTIONS)


def words(*names: str) -> list[Column[str]]:
    """Columns that `$table->string(…)->nullable()` makes."""
    return [Column(name, String(255)) for name in names]


def of(parent: str, column: str) -> Column[int]:
    """A foreign key whose row goes with its parent."""
    return Column(column, ID, ForeignKey(f"{parent}.id", ondelete="CASCADE"), nullable=False)


def stock() -> Sequence[Column[Any]]:
    """What SellerMind's stock service keeps beside an order; we do not write it."""
    times = [Column(f"stock_{name}_at", TIMESTAMP) for name in ("reserved", "sold", "released")]
    return [Column("stock_status", String(20), nullable=False, server_default="none"), *times]


def account_id() -> Column[int]:
    """Whose row it is."""
    return of("marketplace_accounts", "marketplace_account_id")


accounts = table(
    "marketplace_accounts",
    Column("company_id", ID, nullable=False),
    Column("user_id", ID),
    Column("marketplace", String(20), nullable=False),
    Column("name", String(255)),
    Column("api_key", Text),
    Column("client_id", String(255)),
    Column("client_secret", Text),
    Column("shop_id", String(255)),
    Column("credentials", Text, nullable=False),
    Column("credentials_json", JSON),
    Column("wb_content_token", Text),
    Column("wb_marketplace_token", Text),
    Column("wb_tokens_valid", Boolean, nullable=False, server_default="1"),
    Column("wb_last_successful_call", TIMESTAMP),
    Column("is_active", Boolean, nullable=False, server_default="1"),
    Column("connected_at", TIMESTAMP),
)
# The variant of December 2025: numbers of products as text, prices as INT, times in whole seconds, no stock yet.
orders = table(
    "wb_orders",
    account_id(),
    Column("external_order_id", String(255), nullable=False),
    *words("nm_id", "sku", "status", "wb_status", "wb_supplier_status", "supply_id", "currency_code"),
    *words("customer_name", "customer_phone"),
    Column("total_amount", Numeric(14, 2), nullable=False, server_default="0"),
    Column("price", Integer, comment="Price in kopecks"),
    Column("scan_price", Integer),
    Column("ordered_at", TIMESTAMP),
    Column("raw_payload", JSON),
    UniqueConstraint("marketplace_account_id", "external_order_id", name="named_otherwise"),
    Index("wb_orders_acc_status_idx", "marketplace_account_id", "status"),
)
items = table(
    "wb_order_items",
    of("wb_orders", "wb_order_id"),
    *words("external_offer_id", "name"),
    Column("quantity", Integer, nullable=False, server_default="1"),
    Column("price", Numeric(14, 2)),
    Column("total_price", Numeric(14, 2)),
    Column("raw_payload", JSON),
)
supplies = table(
    "supplies",
    account_id(),
    Column("external_supply_id", String(255)),
    Column("name", String(255), nullable=False),
    Column("status", Enum("draft", "in_assembly", "ready", "sent", "delivered", "cancelled"), server_default="draft"),
    Column("orders_count", Integer, nullable=False, server_default="0"),
    Column("total_amount", Numeric(15, 2), nullable=False, server_default="0"),
    Column("closed_at", TIMESTAMP),
    Column("metadata", JSON),
    Index("supplies_marketplace_account_id_status_index", "marketplace_account_id", "status"),
)
tares = table(
    "tares",
    of("supplies", "supply_id"),
    *words("external_tare_id", "barcode"),
    Column("orders_count", Integer, nullable=False, server_default="0"),
)
uzum_orders = table(
    "uzum_orders",
    account_id(),
    Column("external_order_id", String(255), nullable=False),
    *words("status", "status_normalized", "delivery_type", "shop_id", "customer_name", "customer_phone"),
    Column("total_amount", Numeric(14, 2), nullable=False, server_default="0"),
    Column("currency", String(8)),
    Column("ordered_at", TIMESTAMP),
    Column("delivered_at", TIMESTAMP),
    Column("raw_payload", JSON),
    *stock(),
    UniqueConstraint("marketplace_account_id", "external_order_id", name="uzum_orders_account_external_unique"),
)
uzum_items = table("uzum_order_items", of("uzum_orders", "uzum_order_id"), *words("external_offer_id", "name"))
shops = table(
    "marketplace_shops",
    account_id(),
    Column("external_id", String(255), nullable=False),
    *words("name"),
    UniqueConstraint("marketplace_account_id", "external_id", name="uniq_account_shop"),
)
sync_logs = table(
    "marketplace_sync_logs",
    account_id(),
    Column("type", String(50), nullable=False),
    Column("status", String(20), nullable=False),
    Column("started_at", TIMESTAMP),
    Column("finished_at", TIMESTAMP),
    Column("message", Text),
)
agents = table(
    "agents",
    Column("name", String(100), nullable=False),
    Column("slug", String(255), nullable=False, unique=True),
    Column("description", Text),
    Column("system_prompt", LONG, nullable=False),
    Column("model", String(100), nullable=False, server_default="gpt-4o-mini"),
    Column("enabled_tools", JSON),
    Column("is_active", Boolean, nullable=False, server_default="1"),
)
generation_tasks = table(
    "generation_tasks",
    Column("company_id", ID, nullable=False),
    Column("user_id", ID, nullable=False),
    Column("type", String(50), nullable=False),
    Column("status", Enum("pending", "in_progress", "done", "failed"), nullable=False, server_default="pending"),
    Column("input_data", JSON),
    Column("output_data", JSON),
    Column("progress", TINY, nullable=False, server_default="0"),
    Column("error_message", Text),
    Index("generation_tasks_company_id_status_index", "company_id", "status"),
)
# One that we know nothing of: an adoption leaves it alone.
polling = table(
    "marketplace_polling_states",
    Column("store_id", ID, nullable=False),
    Column("marketplace", String(50), nullable=False),
    Column("last_cursor", Text),
)


def install(engine: Engine) -> None:
    """A SellerMind database with one account, one order, its item, and a supply."""
    ORIGINAL.create_all(engine)
    with engine.begin() as connection:
        connection.execute(
            insert(accounts).values(id=5, company_id=3, marketplace="wb", api_key="key", credentials="x")
        )
        connection.execute(
            insert(orders).values(id=9, marketplace_account_id=5, external_order_id="100", nm_id="42", price=1999)
        )
        connection.execute(insert(items).values(id=1, wb_order_id=9, external_offer_id="42", name="Чашка"))
        connection.execute(
            insert(supplies).values(id=2, marketplace_account_id=5, external_supply_id="WB-GI-1", name="S")
        )


def spoil(engine: Engine) -> None:
    """What years of two writers left: duplicates of three tables, ids that are no numbers, accounts without a token."""
    lost = {"marketplace": "wb", "api_key": "eyJpdiI6 of an APP_KEY that is lost"}
    rows: list[tuple[Table, dict[str, Any]]] = [
        (items, {"id": 2, "wb_order_id": 9, "external_offer_id": "42"}),
        (items, {"id": 3, "wb_order_id": 9, "external_offer_id": "42"}),
        (items, {"id": 4, "wb_order_id": 9, "external_offer_id": None}),
        (items, {"id": 5, "wb_order_id": 9, "external_offer_id": None}),
        (supplies, {"id": 3, "marketplace_account_id": 5, "external_supply_id": "WB-GI-1", "name": "S"}),
        (tares, {"id": 1, "supply_id": 3, "external_tare_id": "T-1"}),
        (tares, {"id": 2, "supply_id": 3, "external_tare_id": "T-1"}),
        (orders, {"id": 10, "marketplace_account_id": 5, "external_order_id": "srid-of-the-statistics", "price": 5}),
        (accounts, {"id": 6, "company_id": 3, "marketplace": "ozon", "credentials": "x"}),
        (accounts, {"id": 7, "company_id": 3, "marketplace": "uzum", "credentials": "x"}),
        (accounts, {"id": 8, "company_id": 3, "credentials": "x", **lost}),
        (generation_tasks, {"id": 1, "company_id": 3, "user_id": 1, "type": "cards_bulk", "status": "done"}),
        (polling, {"id": 1, "store_id": 5, "marketplace": "wildberries"}),
    ]
    with engine.begin() as connection:
        for each, values in rows:
            connection.execute(insert(each).values(**values))
