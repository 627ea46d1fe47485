"""Tables about products: SellerMind's own, as far as agents and generation read and write them."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from sellermind.storage.tables.columns import (
    DOCUMENT,
    ID,
    LONG_TEXT,
    METADATA,
    MYSQL_OPTIONS,
    UtcDateTime,
    exact,
    row_id,
    timestamps,
)

products = Table(
    "products",
    METADATA,
    row_id(),
    Column("company_id", ID, nullable=False),
    Column("name", String(255), nullable=False),
    Column("article", String(100), nullable=False),
    Column("brand_name", String(255)),
    Column("category_id", ID),
    Column("description_short", Text),
    Column("description_full", LONG_TEXT),
    Column("country_of_origin", String(100)),
    Column("manufacturer", String(255)),
    Column("unit", String(50)),
    Column("care_instructions", Text),
    Column("composition", Text),
    Column("package_weight_g", Integer),
    Column("package_length_mm", Integer),
    Column("package_width_mm", Integer),
    Column("package_height_mm", Integer),
    Column("is_active", Boolean, nullable=False, server_default=text("1")),
    Column("is_archived", Boolean, nullable=False, server_default=text("0")),
    Column("created_by", ID),
    Column("updated_by", ID),
    *timestamps(),
    Column("deleted_at", UtcDateTime),
    UniqueConstraint("company_id", "article", name="products_company_article_unique"),
    **MYSQL_OPTIONS,
)

# Every text is a new version; `made_by` names the tool call or generation item that wrote it, so that none does twice.
product_descriptions = Table(
    "product_descriptions",
    METADATA,
    row_id(),
    Column("product_id", ID, ForeignKey("products.id", ondelete="CASCADE"), nullable=False),
    Column("marketplace", String(20), nullable=False),
    Column("language", String(5), nullable=False),
    Column("title", String(255), nullable=False),
    Column("short_description", Text),
    Column("full_description", LONG_TEXT),
    Column("bullets", DOCUMENT),
    Column("attributes", DOCUMENT),
    Column("keywords", DOCUMENT),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("made_by", exact(120)),
    *timestamps(),
    Index("product_descriptions_product_idx", "product_id", "marketplace", "language"),
    UniqueConstraint("made_by", name="product_descriptions_made_by_unique"),
    **MYSQL_OPTIONS,
)
