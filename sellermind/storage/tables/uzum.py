"""Tables about Uzum: SellerMind's `uzum_orders`, `uzum_order_items` and `marketplace_shops`."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, text

from sellermind.storage.tables.columns import (
    DOCUMENT,
    ID,
    METADATA,
    MONEY,
    MYSQL_OPTIONS,
    UtcDateTime,
    exact,
    row_id,
    timestamps,
)

uzum_orders = Table(
    "uzum_orders",
    METADATA,
    row_id(),
    Column("marketplace_account_id", ID, ForeignKey("marketplace_accounts.id", ondelete="CASCADE"), nullable=False),
    Column("external_order_id", exact(), nullable=False),
    Column("status", String(255)),
    Column("status_normalized", String(255)),
    # SellerMind writes this column and no migration of its makes it.
    Column("uzum_status", String(255)),
    Column("delivery_type", String(255)),
    Column("shop_id", String(255)),
    Column("customer_name", String(255)),
    Column("customer_phone", String(255)),
    Column("total_amount", MONEY, nullable=False, server_default=text("0")),
    Column("currency", String(8)),
    Column("ordered_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    Column("delivery_address_full", String(255)),
    Column("delivery_city", String(255)),
    Column("delivery_street", String(255)),
    Column("delivery_home", String(255)),
    Column("delivery_flat", String(255)),
    Column("delivery_longitude", String(255)),
    Column("delivery_latitude", String(255)),
    Column("raw_payload", DOCUMENT),
    Column("stock_status", String(20), nullable=False, server_default="none"),
    Column("stock_reserved_at", UtcDateTime),
    Column("stock_sold_at", UtcDateTime),
    Column("stock_released_at", UtcDateTime),
    # Ours: when the marketplace said what the row holds. Newer readings win.
    Column("read_at", UtcDateTime),
    *timestamps(),
    UniqueConstraint("marketplace_account_id", "external_order_id", name="uzum_orders_acc_ext_unique"),
    Index("uzum_orders_acc_status_idx", "marketplace_account_id", "status"),
    Index("uzum_orders_acc_ordered_idx", "marketplace_account_id", "ordered_at"),
    **MYSQL_OPTIONS,
)

uzum_order_items = Table(
    "uzum_order_items",
    METADATA,
    row_id(),
    Column("uzum_order_id", ID, ForeignKey("uzum_orders.id", ondelete="CASCADE"), nullable=False),
    # Ours: Uzum's id of the line, or its position.
    Column("external_item_id", exact()),
    Column("external_offer_id", exact()),
    Column("name", String(255)),
    Column("quantity", Integer, nullable=False, server_default=text("1")),
    Column("price", MONEY),
    Column("total_price", MONEY),
    Column("raw_payload", DOCUMENT),
    *timestamps(),
    UniqueConstraint("uzum_order_id", "external_item_id", name="uzum_order_items_order_item_unique"),
    **MYSQL_OPTIONS,
)

marketplace_shops = Table(
    "marketplace_shops",
    METADATA,
    row_id(),
    Column("marketplace_account_id", ID, ForeignKey("marketplace_accounts.id", ondelete="CASCADE"), nullable=False),
    Column("external_id", exact(), nullable=False),
    Column("name", String(255)),
    Column("raw_payload", DOCUMENT),
    *timestamps(),
    UniqueConstraint("marketplace_account_id", "external_id", name="uniq_account_shop"),
    **MYSQL_OPTIONS,
)
