"""Tables about Wildberries supplies: SellerMind's `supplies` and `tares` (boxes)."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Numeric, String, Table, Text, UniqueConstraint, text

from sellermind.storage.tables.columns import (
    DOCUMENT,
    ID,
    METADATA,
    MYSQL_OPTIONS,
    UtcDateTime,
    exact,
    row_id,
    timestamps,
)

supplies = Table(
    "supplies",
    METADATA,
    row_id(),
    Column("marketplace_account_id", ID, ForeignKey("marketplace_accounts.id", ondelete="CASCADE"), nullable=False),
    Column("external_supply_id", exact()),
    Column("name", String(255), nullable=False),
    Column("status", String(20), nullable=False, server_default="draft"),
    Column("description", Text),
    Column("orders_count", Integer, nullable=False, server_default=text("0")),
    Column("total_amount", Numeric(15, 2), nullable=False, server_default=text("0")),
    Column("closed_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    Column("delivery_started_at", UtcDateTime),
    Column("cargo_type", String(50)),
    Column("boxes_count", Integer, nullable=False, server_default=text("0")),
    Column("barcode_path", String(255)),
    Column("metadata", DOCUMENT),
    # Ours: Wildberries' own state (open, closed, accepted); the run whose listing showed the supply last and the
    # first one that did not; since when two complete listings have missed it; what its order-ids said and when.
    Column("wb_state", String(20)),
    Column("opened_at", UtcDateTime),
    Column("listed_in", exact(100)),
    Column("missed_in", exact(100)),
    Column("missing_since", UtcDateTime),
    Column("orders_read_at", UtcDateTime),
    Column("orders_unknown", Integer, nullable=False, server_default=text("0")),
    Column("boxes_read_at", UtcDateTime),
    *timestamps(),
    UniqueConstraint("marketplace_account_id", "external_supply_id", name="supplies_acc_ext_unique"),
    Index("supplies_status_index", "status"),
    **MYSQL_OPTIONS,
)

tares = Table(
    "tares",
    METADATA,
    row_id(),
    Column("supply_id", ID, ForeignKey("supplies.id", ondelete="CASCADE"), nullable=False),
    Column("external_tare_id", exact()),
    Column("barcode", String(255)),
    Column("orders_count", Integer, nullable=False, server_default=text("0")),
    Column("missing_since", UtcDateTime),
    *timestamps(),
    UniqueConstraint("supply_id", "external_tare_id", name="tares_supply_ext_unique"),
    **MYSQL_OPTIONS,
)
