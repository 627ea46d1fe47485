"""Statuses, supplies and Uzum: what the other syncs need, on an empty database or beside SellerMind's own tables."""

from alembic import op
from alembic.operations import Operations

from sellermind.storage.adoption import adopt
from sellermind.storage.tables.orders import wb_orders
from sellermind.storage.tables.supplies import supplies, tares
from sellermind.storage.tables.uzum import marketplace_shops, uzum_order_items, uzum_orders

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create or complete the tables of the other syncs."""
    tables = [wb_orders, supplies, tares, uzum_orders, uzum_order_items, marketplace_shops]
    adopt(Operations(op.get_context()), tables)
