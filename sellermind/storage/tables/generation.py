"""Tables about generation: SellerMind's `generation_tasks` and `product_images`, and our items."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

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

generation_tasks = Table(
    "generation_tasks",
    METADATA,
    row_id(),
    Column("company_id", ID, nullable=False),
    Column("user_id", ID),
    Column("type", String(50), nullable=False),
    # SellerMind has an ENUM of four here; the migration makes it text, for we know two more.
    Column("status", String(20), nullable=False, server_default="pending"),
    Column("input_data", DOCUMENT),
    Column("output_data", DOCUMENT),
    Column("progress", Integer, nullable=False, server_default=text("0")),
    Column("error_message", Text),
    Column("workflow_id", exact(100)),
    Column("total", Integer, nullable=False, server_default=text("0")),
    Column("succeeded", Integer, nullable=False, server_default=text("0")),
    Column("failed", Integer, nullable=False, server_default=text("0")),
    Column("skipped", Integer, nullable=False, server_default=text("0")),
    Column("cost_micros", BigInteger, nullable=False, server_default=text("0")),
    *timestamps(),
    Index("generation_tasks_company_status_idx", "company_id", "status"),
    **MYSQL_OPTIONS,
)

# One row per thing to make. `replies` are the answers that were paid for, in order: a retry goes on after the last.
generation_items = Table(
    "generation_items",
    METADATA,
    row_id(),
    Column("task_id", ID, ForeignKey("generation_tasks.id", ondelete="CASCADE"), nullable=False),
    Column("item_key", exact(60), nullable=False),
    Column("product_id", ID, nullable=False),
    Column("description_id", ID),
    Column("state", String(20), nullable=False, server_default="pending"),
    Column("replies", DOCUMENT),
    Column("output", DOCUMENT),
    Column("error_code", String(50)),
    Column("error_message", Text),
    Column("cost_micros", BigInteger, nullable=False, server_default=text("0")),
    Column("settled_at", UtcDateTime),
    UniqueConstraint("task_id", "item_key", name="generation_items_key_unique"),
    Index("generation_items_state_idx", "task_id", "state"),
    **MYSQL_OPTIONS,
)

product_images = Table(
    "product_images",
    METADATA,
    row_id(),
    Column("company_id", ID, nullable=False),
    Column("product_id", ID, ForeignKey("products.id", ondelete="CASCADE"), nullable=False),
    Column("variant_id", ID),
    Column("file_path", String(255), nullable=False),
    Column("alt_text", String(255)),
    Column("is_main", Boolean, nullable=False, server_default=text("0")),
    Column("sort_order", Integer, nullable=False, server_default=text("0")),
    Column("sha256", exact(64)),
    Column("made_by", exact(120)),
    *timestamps(),
    Index("product_images_product_idx", "product_id"),
    UniqueConstraint("made_by", name="product_images_made_by_unique"),
    **MYSQL_OPTIONS,
)
