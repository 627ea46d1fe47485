"""Accounts, Wildberries orders, syncs and budgets: on an empty database, or beside SellerMind's own tables."""

from alembic import op
from alembic.operations import Operations

from sellermind.storage.adoption import adopt
from sellermind.storage.tables.accounts import marketplace_account_issues, marketplace_accounts
from sellermind.storage.tables.orders import order_events, order_status_history, wb_order_items, wb_orders
from sellermind.storage.tables.syncs import api_budgets, marketplace_sync_logs, sync_cursors

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create or complete the tables of the main job."""
    adopt(
        Operations(op.get_context()),
        [
            marketplace_accounts,
            marketplace_account_issues,
            wb_orders,
            wb_order_items,
            order_events,
            order_status_history,
            marketplace_sync_logs,
            sync_cursors,
            api_budgets,
        ],
    )
