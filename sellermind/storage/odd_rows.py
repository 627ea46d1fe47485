"""Rows of a SellerMind database that this service cannot work with: counted, told, and left as they are."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, func, inspect, select

from sellermind.errors import Misconfigured
from sellermind.models.accounts import Marketplace
from sellermind.storage.accounts import OUR_MARKETPLACES
from sellermind.storage.tables.accounts import marketplace_accounts
from sellermind.storage.tables.orders import wb_orders
from sellermind.storage.tables.uzum import uzum_orders
from sellermind.vault import TokenVault

TOKENS = ("wb_marketplace_token", "api_key")


@dataclass(frozen=True)
class OddRows:
    """Rows of one table that are odd in one way."""

    table: str
    what: str
    rows: int
    remedy: str


def count(connection: Connection, vault: TokenVault) -> list[OddRows]:
    """Each kind of odd row that the database has.

    Args:
        connection: to a database that has `marketplace_accounts`; other tables and columns may be missing.
        vault: the keys that workers will have.
    """
    found = [*_accounts(connection, vault), *_orders(connection)]
    return [odd for odd in found if odd.rows]


def _orders(connection: Connection) -> Iterator[OddRows]:
    for table in (wb_orders, uzum_orders):
        if inspect(connection).has_table(table.name):
            not_a_number = ~table.c.external_order_id.regexp_match("^[0-9]+$")
            rows = connection.execute(select(func.count()).select_from(table).where(not_a_number)).scalar_one()
            yield OddRows(table.name, "external_order_id is no number", rows, "nothing: no sync asks for them")


def _accounts(connection: Connection, vault: TokenVault) -> Iterator[OddRows]:
    table = marketplace_accounts
    foreign = select(func.count()).select_from(table).where(table.c.marketplace.not_in(OUR_MARKETPLACES))
    rows = connection.execute(foreign).scalar_one()
    yield OddRows(table.name, "of another marketplace", rows, "nothing: no job works on them")
    tokens = list(_tokens(connection, table))
    remedy = "`sellermind account set-token ID`, or `account pause ID`"
    yield OddRows(table.name, "without a token", sum(not token for token in tokens), remedy)
    remedy = "set SELLERMIND_LARAVEL_APP_KEY to SellerMind's APP_KEY, or `sellermind account set-token ID`"
    unreadable = sum(bool(token) and not _opens(vault, token) for token in tokens)
    yield OddRows(table.name, "with a token that no configured key opens", unreadable, remedy)


def _tokens(connection: Connection, table: Table) -> Iterator[str]:
    """The token that each account of ours would be worked with, as `accounts.token_cipher` chooses it."""
    there = {column["name"] for column in inspect(connection).get_columns(table.name)}
    columns: list[Column[str]] = [table.c[name] for name in TOKENS if name in there]
    rows = connection.execute(select(table.c.marketplace, *columns).where(table.c.marketplace.in_(OUR_MARKETPLACES)))
    for row in rows.mappings():
        category = row.get("wb_marketplace_token") if row["marketplace"] == Marketplace.WILDBERRIES.value else None
        yield category or row.get("api_key") or ""


def _opens(vault: TokenVault, token: str) -> bool:
    try:
        vault.open(token)
    except Misconfigured:
        return False
    return True
