"""Uzum's shops of an account: rows of `marketplace_shops`."""

from datetime import UTC, datetime

from sqlalchemy import Connection, select

from sellermind.models.uzum_orders import UzumShopList
from sellermind.storage import accounts
from sellermind.storage.tables.uzum import marketplace_shops
from sellermind.storage.upsert import upsert

_shop = marketplace_shops.c


def store(connection: Connection, account_id: int, listed: UzumShopList) -> None:
    """Add shops and renew their names; a shop that is not listed stays.

    Args:
        connection: inside a transaction.
        account_id: row of `marketplace_accounts`, locked until the transaction ends.
        listed: the answer of GET /v1/shops.

    Raises:
        RecordGone: the account was removed.
    """
    accounts.lock(connection, account_id)
    now = datetime.now(UTC)
    rows = [
        {
            "marketplace_account_id": account_id,
            "external_id": shop.external_id,
            "name": shop.name,
            "created_at": now,
            "updated_at": now,
        }
        for shop in listed.shops
    ]
    key = ("marketplace_account_id", "external_id")
    upsert(connection, marketplace_shops, rows, key=key, owned=("name", "updated_at"))


def list_ids(connection: Connection, account_id: int) -> tuple[str, ...]:
    """Uzum's ids of the account's shops."""
    query = select(_shop.external_id).where(_shop.marketplace_account_id == account_id).order_by(_shop.id)
    return tuple(connection.execute(query).scalars())
