"""What is wrong with an account, for its owner: rows of `marketplace_account_issues`."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from sellermind.errors import RecordGone
from sellermind.models.accounts import Issue, IssueKind
from sellermind.storage.tables.accounts import marketplace_account_issues, marketplace_accounts

TITLES: dict[IssueKind, str] = {
    "token_invalid": "The marketplace refuses the token",
    "token_expired": "The token has expired",
    "insufficient_permissions": "The token lacks a permission",
    "shop_access_denied": "The token does not open the shop",
    "api_error": "The marketplace answers with an error",
    "rate_limit": "Too many requests",
    "sync_failed": "A sync failed",
    "connection_failed": "The marketplace cannot be reached",
}
CRITICAL: frozenset[IssueKind] = frozenset({"token_invalid", "token_expired"})

_issue = marketplace_account_issues.c


def open_or_count(
    connection: Connection, account_id: int, kind: IssueKind, message: str, request_id: str | None
) -> None:
    """Open an issue, or count one more occurrence of the open issue of that kind.

    Args:
        connection: inside a transaction; the account's row is locked by it, so one issue is opened, not two.
        account_id: the account.
        kind: SellerMind's word for what is wrong.
        message: what the marketplace said.
        request_id: its own id of the refused request, which its support asks for.

    Raises:
        RecordGone: there is no such account.
    """
    company_id = _lock_company(connection, account_id)
    now = datetime.now(UTC)
    said = {
        "description": message,
        "error_details": {"request_id": request_id} if request_id else None,
        "last_occurred_at": now,
        "updated_at": now,
    }
    same = update(marketplace_account_issues).where(*_open(account_id), _issue.type == kind)
    if connection.execute(same.values(occurrences=_issue.occurrences + 1, **said)).rowcount:
        return
    connection.execute(
        insert(marketplace_account_issues).values(
            marketplace_account_id=account_id,
            company_id=company_id,
            type=kind,
            severity="critical" if kind in CRITICAL else "warning",
            title=TITLES[kind],
            status="active",
            occurrences=1,
            created_at=now,
            **said,
        )
    )


def resolve_all(connection: Connection, account_id: int) -> None:
    """Close the account's open issues."""
    now = datetime.now(UTC)
    values = {"status": "resolved", "resolved_at": now, "updated_at": now}
    connection.execute(update(marketplace_account_issues).where(*_open(account_id)).values(**values))


def open_issues(connection: Connection, account_id: int) -> list[Issue]:
    """The account's open issues, the newest first."""
    query = select(marketplace_account_issues).where(*_open(account_id)).order_by(_issue.last_occurred_at.desc())
    return [_read(row) for row in connection.execute(query)]


def _open(account_id: int) -> tuple[Any, Any]:
    return _issue.marketplace_account_id == account_id, _issue.status == "active"


def _lock_company(connection: Connection, account_id: int) -> int:
    account = marketplace_accounts.c
    query = select(account.company_id).where(account.id == account_id).with_for_update()
    company_id = connection.execute(query).scalar_one_or_none()
    if company_id is None:
        raise RecordGone(f"There is no account {account_id}.")
    return int(company_id)


def _read(row: Row[*tuple[Any, ...]]) -> Issue:
    return Issue(
        kind=row.type,
        severity=row.severity,
        title=row.title,
        message=row.description or "",
        request_id=(row.error_details or {}).get("request_id"),
        occurrences=row.occurrences,
        opened_at=row.created_at,
        last_occurred_at=row.last_occurred_at,
    )
