"""What is wrong with an account, for its owner: rows of `marketplace_account_issues`."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

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
    connection: Connection,
    account_id: int,
    kind: IssueKind,
    message: str,
    *,
    job: str | None = None,
    request_id: str | None = None,
) -> None:
    """Open an issue, or count one more occurrence of the open issue of that kind.

    Args:
        connection: inside a transaction; the account's row is locked by it, so one issue is opened, not two.
        account_id: the account.
        kind: SellerMind's word for what is wrong.
        message: what the marketplace said.
        job: the one job that this concerns, whose next success ends it; None if it concerns the account.
        request_id: the marketplace's own id of the refused request, which its support asks for.

    Raises:
        RecordGone: there is no such account.
    """
    company_id = _lock_company(connection, account_id)
    now = datetime.now(UTC)
    said = {
        "description": message,
        "error_details": {"job": job, "request_id": request_id},
        "last_occurred_at": now,
        "updated_at": now,
    }
    same = _open_ids(connection, account_id, job, _issue.type == kind)
    if same:
        counted = update(marketplace_account_issues).where(_issue.id.in_(same))
        connection.execute(counted.values(occurrences=_issue.occurrences + 1, **said))
        return
    whose = {"marketplace_account_id": account_id, "company_id": company_id}
    what = {"type": kind, "severity": "critical" if kind in CRITICAL else "warning", "title": TITLES[kind]}
    opened = {"status": "active", "occurrences": 1, "created_at": now}
    connection.execute(insert(marketplace_account_issues).values(**whose, **what, **opened, **said))


def resolve(connection: Connection, account_id: int, job: str) -> None:
    """Close the open issues that concern one job."""
    _resolve(connection, _issue.id.in_(_open_ids(connection, account_id, job)))


def resolve_all(connection: Connection, account_id: int) -> None:
    """Close the account's open issues."""
    _resolve(connection, *_open(account_id))


def with_refused_tokens(connection: Connection) -> frozenset[int]:
    """The accounts whose token the marketplace refuses, until somebody renews it."""
    query = select(_issue.marketplace_account_id).where(_issue.status == "active", _issue.type.in_(CRITICAL))
    return frozenset(connection.execute(query).scalars())


def open_issues(connection: Connection, account_id: int) -> list[Issue]:
    """The account's open issues, the newest first."""
    query = select(marketplace_account_issues).where(*_open(account_id)).order_by(_issue.last_occurred_at.desc())
    return [_read(row) for row in connection.execute(query)]


def _open_ids(connection: Connection, account_id: int, job: str | None, *which: ColumnElement[bool]) -> list[int]:
    query = select(_issue.id, _issue.error_details).where(*_open(account_id), *which)
    return [row.id for row in connection.execute(query) if (row.error_details or {}).get("job") == job]


def _resolve(connection: Connection, *which: ColumnElement[bool]) -> None:
    now = datetime.now(UTC)
    values = {"status": "resolved", "resolved_at": now, "updated_at": now}
    connection.execute(update(marketplace_account_issues).where(*which).values(**values))


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
