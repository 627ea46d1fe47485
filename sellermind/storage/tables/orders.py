"""Tables about orders: SellerMind's `wb_orders` and `wb_order_items`, our outbox and status history."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)

from sellermind.storage.tables.columns import (
    DOCUMENT,
    ID,
    METADATA,
    MINOR_UNITS,
    MONEY,
    MYSQL_OPTIONS,
    UtcDateTime,
    exact,
    row_id,
    timestamps,
)

wb_orders = Table(
    "wb_orders",
    METADATA,
    row_id(),
    Column("marketplace_account_id", ID, ForeignKey("marketplace_accounts.id", ondelete="CASCADE"), nullable=False),
    Column("external_order_id", exact(), nullable=False),
    Column("rid", String(255)),
    Column("order_uid", String(255)),
    Column("nm_id", BigInteger),
    Column("chrt_id", BigInteger),
    Column("article", String(255)),
    Column("sku", String(255)),
    Column("status", String(255)),
    Column("status_normalized", String(255)),
    Column("wb_status", String(255)),
    Column("wb_status_group", String(255)),
    Column("wb_supplier_status", String(255)),
    Column("wb_delivery_type", String(255)),
    Column("cargo_type", Integer),
    Column("warehouse_id", String(255)),
    Column("supply_id", exact()),
    Column("tare_id", ID),
    Column("office", String(255)),
    Column("customer_name", String(255)),
    Column("customer_phone", String(255)),
    Column("total_amount", MONEY, nullable=False, server_default=text("0")),
    Column("price", MINOR_UNITS),
    Column("scan_price", MINOR_UNITS),
    Column("converted_price", MINOR_UNITS),
    Column("currency", String(8)),
    Column("currency_code", Integer),
    Column("converted_currency_code", Integer),
    Column("is_b2b", Boolean, nullable=False, server_default=text("0")),
    Column("is_zero_order", Boolean, nullable=False, server_default=text("0")),
    Column("ordered_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    Column("raw_payload", DOCUMENT),
    Column("stock_status", String(20), nullable=False, server_default="none"),
    Column("stock_reserved_at", UtcDateTime),
    Column("stock_sold_at", UtcDateTime),
    Column("stock_released_at", UtcDateTime),
    # Ours: when the statuses, and the supply link, were read that the row holds. Newer readings win.
    Column("status_read_at", UtcDateTime),
    Column("supply_read_at", UtcDateTime),
    *timestamps(),
    UniqueConstraint("marketplace_account_id", "external_order_id", name="wb_orders_acc_ext_unique"),
    Index("wb_orders_acc_status_idx", "marketplace_account_id", "status"),
    Index("wb_orders_acc_ordered_idx", "marketplace_account_id", "ordered_at"),
    Index("wb_orders_acc_supply_idx", "marketplace_account_id", "supply_id"),
    **MYSQL_OPTIONS,
)

wb_order_items = Table(
    "wb_order_items",
    METADATA,
    row_id(),
    Column("wb_order_id", ID, ForeignKey("wb_orders.id", ondelete="CASCADE"), nullable=False),
    Column("external_offer_id", exact()),
    Column("name", String(255)),
    Column("quantity", Integer, nullable=False, server_default=text("1")),
    Column("price", MONEY),
    Column("total_price", MONEY),
    Column("raw_payload", DOCUMENT),
    *timestamps(),
    UniqueConstraint("wb_order_id", "external_offer_id", name="wb_order_items_order_offer_unique"),
    **MYSQL_OPTIONS,
)

# Our own tables name their account without a foreign key: adopting a database must not depend on the exact type
# of its ids, and `account_removal.remove` takes these rows along.
order_events = Table(
    "order_events",
    METADATA,
    row_id(),
    Column("marketplace", String(20), nullable=False),
    Column("marketplace_account_id", ID, nullable=False),
    Column("external_order_id", exact(), nullable=False),
    Column("event", String(20), nullable=False),
    Column("status", exact(), nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint(
        "marketplace_account_id", "marketplace", "external_order_id", "status", "read_at", name="order_events_unique"
    ),
    **MYSQL_OPTIONS,
)

order_status_history = Table(
    "order_status_history",
    METADATA,
    row_id(),
    Column("marketplace", String(20), nullable=False),
    Column("marketplace_account_id", ID, nullable=False),
    Column("external_order_id", exact(), nullable=False),
    Column("status", String(255), nullable=False),
    Column("marketplace_status", String(255)),
    Column("supplier_status", String(255)),
    Column("read_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint(
        "marketplace_account_id", "marketplace", "external_order_id", "read_at", name="order_status_history_unique"
    ),
    **MYSQL_OPTIONS,
)
