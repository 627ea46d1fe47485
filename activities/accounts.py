"""Activities about accounts."""

from datetime import UTC, datetime

from sqlalchemy import Engine
from temporalio import activity

from sellermind.models.accounts import AccountPage, ListAccounts
from sellermind.storage import accounts
from sellermind.storage.engine import transaction


class AccountActivities:
    """Steps that read the accounts table."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @activity.defn
    def list_active_accounts(self, ask: ListAccounts) -> AccountPage:
        """The next accounts that a tick should start, in order of id; paused and waiting ones are left out."""
        with transaction(self._engine) as connection:
            return accounts.list_active(connection, ask, datetime.now(UTC))
