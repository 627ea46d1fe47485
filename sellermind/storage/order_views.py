"""What operators read of the stored orders: how many."""

from collections import Counter

from sqlalchemy import Connection, func, select

from sellermind.storage.tables.orders import wb_orders
from sellermind.storage.tables.uzum import uzum_orders


def counts(connection: Connection) -> Counter[int]:
    """Stored orders by account id, of all marketplaces."""
    found: Counter[int] = Counter()
    for table in (wb_orders, uzum_orders):
        account = table.c.marketplace_account_id
        for row in connection.execute(select(account, func.count().label("orders")).group_by(account)):
            found[row.marketplace_account_id] += row.orders
    return found
