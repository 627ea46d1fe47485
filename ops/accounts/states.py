"""An account as operators see it: its row, and what its token says of itself."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from ops.accounts import tokens
from ops.accounts.tokens import TokenFacts
from sellermind.errors import AccessRevoked, Misconfigured, RecordGone
from sellermind.models.accounts import Account
from sellermind.storage import accounts
from sellermind.vault import TokenVault


@dataclass(frozen=True)
class AccountState:
    """One account and its token's facts."""

    account: Account
    token: TokenFacts

    @property
    def state(self) -> str:
        """`active`, `paused`, or `revoked` when the marketplace refuses the token."""
        if self.account.is_active:
            return "active"
        return "paused" if self.account.tokens_valid else "revoked"

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        warning = self.token.warning
        return {
            **self.account.model_dump(mode="json"),
            "state": self.state,
            "token": {**vars(self.token), "warning": warning},
        }


def owned(connection: Connection, account_id: int, company_id: int | None) -> Account:
    """One account; where a company is named, other companies' accounts are as if they did not exist.

    Raises:
        RecordGone: there is none, or it is another company's.
    """
    account = accounts.get(connection, account_id)
    if company_id is not None and account.company_id != company_id:
        raise RecordGone(f"There is no account {account_id}.")
    return account


def state_of(connection: Connection, vault: TokenVault, account: Account) -> AccountState:
    """An account with what its token says; a token that we cannot read is told as such."""
    try:
        token = vault.open(accounts.token_cipher(connection, account.id))
    except (AccessRevoked, Misconfigured):
        return AccountState(account, TokenFacts(readable=False))
    return AccountState(account, tokens.facts(account.marketplace, token, datetime.now(UTC)))
