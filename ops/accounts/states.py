"""An account as operators see it: its row, and what its token says of itself."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from ops.accounts import tokens
from ops.accounts.tokens import TokenFacts
from ops.outcome import ExitCode, VerbFailed
from sellermind.errors import AccessRevoked, Misconfigured, RecordGone
from sellermind.marketplaces.tokens import read_wildberries_token
from sellermind.models.accounts import Account
from sellermind.storage import accounts, cursors
from sellermind.vault import TokenVault
from workflows.catalog import Job


@dataclass(frozen=True)
class AccountState:
    """One account and its token's facts."""

    account: Account
    token: TokenFacts
    last_success: datetime | None = None
    """When one of its jobs last ended well."""

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
            "last_success": self.last_success,
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


def refuse_foreign(account: Account, job: Job) -> None:
    """A job works on the accounts of one marketplace.

    Raises:
        VerbFailed: the account is another one's (REFUSED).
    """
    if account.marketplace is not job.marketplace:
        raise VerbFailed(
            ExitCode.REFUSED,
            f"{job.name} is for {job.marketplace.value} accounts; account {account.id} is {account.marketplace.value}.",
        )


def refuse_paused(account: Account) -> None:
    """Nothing starts for a paused account.

    Raises:
        VerbFailed: it is paused, or its token is revoked (REFUSED).
    """
    if account.obstacle:
        raise VerbFailed(ExitCode.REFUSED, f"{account.obstacle}.")


def state_of(connection: Connection, vault: TokenVault, account: Account) -> AccountState:
    """An account with what its token says, one that we cannot read is told as such, and when it was last fresh."""
    succeeded = cursors.last_success(connection, account.id)
    try:
        token = vault.open(accounts.token_cipher(connection, account.id))
    except (AccessRevoked, Misconfigured):
        return AccountState(account, TokenFacts(readable=False), succeeded)
    return AccountState(account, tokens.facts(account.marketplace, token, datetime.now(UTC)), succeeded)


def token_ends(connection: Connection, vault: TokenVault, account_ids: Container[int]) -> dict[int, datetime]:
    """When the tokens of some accounts end; one that names no date or that we cannot read is left out.

    Asked of the tokens themselves: SellerMind's web application stores new ones without a word to us.
    """
    found: dict[int, str] = {}
    for account_id, _column, cipher in accounts.sealed_tokens(connection):
        found.setdefault(account_id, cipher)  # the category token of Wildberries comes first, and is the one in use
    ends = {account_id: _end(vault, cipher) for account_id, cipher in found.items() if account_id in account_ids}
    return {account_id: end for account_id, end in ends.items() if end}


def _end(vault: TokenVault, cipher: str) -> datetime | None:
    try:
        token = read_wildberries_token(vault.open(cipher))
    except Misconfigured:
        return None
    return token.exp if token else None
