"""SellerMind's own tables as its migrations make them, reduced to what an adoption must cope with."""

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Boolean,
    Column,
    Engine,
    Enum,
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

ORIGINAL = MetaData()
ID = BigInteger().with_variant(mysql.BIGINT(unsigned=True), "mysql").with_variant(Integer(), "sqlite")

accounts = Table(
    "marketplace_accounts",
    ORIGINAL,
    Column("id", ID, primary_key=True),
    Column("company_id", ID, nullable=False),
    Column("marketplace", String(20), nullable=False),
    Column("name", String(255)),
    Column("api_key", Text),
    Column("shop_id", String(255)),
    Column("credentials", Text, nullable=False),
    Column("is_active", Boolean, nullable=False, server_default="1"),
    Column("created_at", TIMESTAMP, nullable=True),
    Column("updated_at", TIMESTAMP, nullable=True),
)
# The variant of December 2025: numbers of products as text, prices as INT, times in whole seconds.
orders = Table(
    "wb_orders",
    ORIGINAL,
    Column("id", ID, primary_key=True),
    Column("marketplace_account_id", ID, nullable=False),
    Column("external_order_id", String(255), nullable=False),
    Column("nm_id", String(255)),
    Column("status", String(255)),
    Column("total_amount", Numeric(14, 2), nullable=False, server_default="0"),
    Column("price", Integer, comment="Price in kopecks"),
    Column("currency_code", String(255)),
    Column("ordered_at", TIMESTAMP, nullable=True),
    Column("created_at", TIMESTAMP, nullable=True),
    Column("updated_at", TIMESTAMP, nullable=True),
    UniqueConstraint("marketplace_account_id", "external_order_id", name="named_otherwise"),
    Index("wb_orders_acc_status_idx", "marketplace_account_id", "status"),
)
items = Table(
    "wb_order_items",
    ORIGINAL,
    Column("id", ID, primary_key=True),
    Column("wb_order_id", ID, nullable=False),
    Column("external_offer_id", String(255)),
    Column("name", String(255)),
)
supplies = Table(
    "supplies",
    ORIGINAL,
    Column("id", ID, primary_key=True),
    Column("marketplace_account_id", ID, nullable=False),
    Column("external_supply_id", String(255)),
    Column("name", String(255), nullable=False),
    Column("status", Enum("draft", "in_assembly", "ready", "sent", "delivered", "cancelled"), server_default="draft"),
    Column("closed_at", TIMESTAMP, nullable=True),
    Column("created_at", TIMESTAMP, nullable=True),
    Column("updated_at", TIMESTAMP, nullable=True),
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
