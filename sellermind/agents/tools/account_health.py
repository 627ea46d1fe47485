"""account_health: whether the accounts are connected and their syncs fresh."""

from pydantic import Field

from sellermind.agents.tool import Desk, Facts, Tool
from sellermind.models.payload import Payload
from sellermind.storage import accounts, cursors, issues


class CheckAccounts(Payload):
    """Which accounts."""

    account_id: int | None = Field(None, ge=1, le=10**12, description="one marketplace account; null: all of them")


def check(desk: Desk, wanted: CheckAccounts) -> Facts:
    """Each account's state, when each sync last succeeded, and its open issues."""
    ids = desk.accounts(wanted.account_id)
    owned = accounts.list_accounts(desk.connection, company_id=desk.scope.company_id)
    fresh = cursors.freshness(desk.connection)
    return {
        "accounts": [
            {
                "account_id": account.id,
                "marketplace": account.marketplace,
                "name": account.name,
                "active": account.is_active,
                "token_valid": account.tokens_valid,
                "syncs": [
                    {"job": sync.job, "succeeded_at": sync.succeeded_at, "error": sync.last_error}
                    for sync in fresh
                    if sync.account_id == account.id
                ],
                "issues": [
                    {"title": issue.title, "message": issue.message, "since": issue.opened_at}
                    for issue in issues.open_issues(desk.connection, account.id)
                ],
            }
            for account in owned
            if account.id in ids
        ]
    }


TOOL = Tool(
    name="account_health",
    description="See whether the seller's marketplace accounts are connected, their data fresh, and what is wrong.",
    arguments=CheckAccounts,
    run=check,
)
