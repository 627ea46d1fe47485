"""Marketplace accounts: which seller's cabinet a job works for."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from sellermind.models.payload import Payload


class Marketplace(StrEnum):
    """Values of `marketplace_accounts.marketplace`."""

    WILDBERRIES = "wb"
    UZUM = "uzum"


class AccountRef(Payload):
    """What a schedule's tick needs to know of an account to start its job."""

    id: int
    company_id: int
    marketplace: Marketplace
    name: str


class ListAccounts(Payload):
    """Ask for the next active accounts of a marketplace that a job may work on now."""

    marketplace: Marketplace
    job: str
    """Workflow type; accounts told to wait (`sync_cursors.not_before`) are left out."""
    after_id: int = 0
    limit: int = 500


class AccountPage(Payload):
    """Accounts in order of id; `last_id` is None when there are no more."""

    accounts: tuple[AccountRef, ...] = ()
    last_id: int | None = None


class Account(Payload):
    """One row of `marketplace_accounts`, without its secrets."""

    id: int
    company_id: int
    marketplace: Marketplace
    name: str
    shop_ids: tuple[str, ...] = ()
    is_active: bool
    tokens_valid: bool
    last_successful_call: datetime | None = None
    created_at: datetime | None = None

    @property
    def obstacle(self) -> str | None:
        """Why no job starts for the account, and what ends that; None where jobs may start."""
        if self.is_active:
            return None
        if self.tokens_valid:
            return f"Account {self.id} is paused; run `sellermind account resume {self.id}` first"
        remedy = f"run `sellermind account set-token {self.id}` first"
        return f"The marketplace refused the token of account {self.id}; {remedy}"


IssueKind = Literal[
    "token_invalid",
    "token_expired",
    "insufficient_permissions",
    "shop_access_denied",
    "api_error",
    "rate_limit",
    "sync_failed",
    "connection_failed",
]
"""Values of `marketplace_account_issues.type`."""


class Issue(Payload):
    """One row of `marketplace_account_issues`: what is wrong with an account, and since when."""

    kind: str
    severity: str
    title: str
    message: str
    request_id: str | None = None
    occurrences: int
    opened_at: datetime | None = None
    last_occurred_at: datetime
