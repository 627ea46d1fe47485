"""The end of an account: its row, and what we keep of it."""

from sqlalchemy import Connection, Table, delete, func, select

from sellermind.errors import Refused
from sellermind.storage import accounts
from sellermind.storage.tables.accounts import marketplace_account_issues, marketplace_accounts
from sellermind.storage.tables.orders import order_events, order_status_history, wb_orders
from sellermind.storage.tables.supplies import supplies
from sellermind.storage.tables.syncs import job_pauses, marketplace_sync_logs, sync_cursors
from sellermind.storage.tables.uzum import marketplace_shops, uzum_orders

# What `remove` takes along; items and boxes go with their orders and supplies (ON DELETE CASCADE).
OWNED = (
    wb_orders,
    uzum_orders,
    supplies,
    marketplace_shops,
    order_events,
    order_status_history,
    marketplace_sync_logs,
    marketplace_account_issues,
)
CHUNK = 1000


def remove(connection: Connection, account_id: int, *, with_orders: bool = False) -> None:
    """Delete an account and what we keep of it.

    Args:
        connection: inside a transaction.
        account_id: the account.
        with_orders: delete its orders too.

    Raises:
        RecordGone: there is no such account.
        Refused: it has orders, and `with_orders` was not given.
    """
    accounts.lock(connection, account_id)
    count = sum(_count(connection, account_id, table) for table in (wb_orders, uzum_orders))
    if count and not with_orders:
        raise Refused(f"Account {account_id} has {count} orders: pause it, or remove it together with its orders.")
    for table in OWNED:
        _delete_rows(connection, table, account_id)
    for notes in (sync_cursors, job_pauses):
        connection.execute(delete(notes).where(notes.c.marketplace_account_id == account_id))
    connection.execute(delete(marketplace_accounts).where(marketplace_accounts.c.id == account_id))


def _delete_rows(connection: Connection, table: Table, account_id: int) -> None:
    """Delete an account's rows, in chunks: a statement must end before the connection's time-out."""
    query = select(table.c.id).where(table.c.marketplace_account_id == account_id).limit(CHUNK)
    while row_ids := connection.execute(query).scalars().all():
        connection.execute(delete(table).where(table.c.id.in_(row_ids)))


def _count(connection: Connection, account_id: int, table: Table) -> int:
    ours = table.c.marketplace_account_id == account_id
    return int(connection.execute(select(func.count()).select_from(table).where(ours)).scalar_one())
