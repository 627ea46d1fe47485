"""Two accounts of one company that would store the same orders twice."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ops.outcome import ExitCode, VerbFailed
from sellermind.errors import AccessRevoked, Misconfigured
from sellermind.marketplaces.tokens import budget_key
from sellermind.models.accounts import Account, Marketplace
from sellermind.storage import accounts
from sellermind.vault import TokenVault


@dataclass(frozen=True)
class NewAccount:
    """What a person says of an account that is to be added."""

    marketplace: Marketplace
    name: str
    company_id: int
    shop_ids: Sequence[str] = ()


def refuse_twin(
    connection: Connection, vault: TokenVault, token: str, of: NewAccount | Account, *, but: int | None = None
) -> None:
    """Refuse a token that another account of the company works with, for shops of which both pull the orders.

    Args:
        connection: for reading.
        vault: opens the other accounts' tokens.
        token: the one that is to be stored.
        of: whose it shall be.
        but: the account itself, if it is there already.

    Raises:
        VerbFailed: there is such an account (REFUSED).
    """
    mine = budget_key(token, of.marketplace)
    for other in accounts.list_accounts(connection, company_id=of.company_id, marketplace=of.marketplace):
        if other.id != but and _shared(of, other) and mine == _seller(connection, vault, other):
            raise VerbFailed(
                ExitCode.REFUSED,
                f"Account {other.id} is this seller's already; `account set-token {other.id}` renews it.",
            )


def _shared(one: NewAccount | Account, other: Account) -> bool:
    """Whether both pull the orders of some shop; an account without a list has all shops, as all of Wildberries."""
    mine, theirs = set(one.shop_ids), set(other.shop_ids)
    apart = mine and theirs and not mine & theirs
    return other.marketplace is not Marketplace.UZUM or not apart


def _seller(connection: Connection, vault: TokenVault, account: Account) -> str | None:
    """The seller of an account's stored token, as its budget is named; None if it has none that we can open."""
    try:
        return budget_key(vault.open(accounts.token_cipher(connection, account.id)), account.marketplace)
    except (AccessRevoked, Misconfigured):
        return None
