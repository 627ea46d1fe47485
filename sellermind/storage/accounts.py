"""Sellers' accounts: rows of `marketplace_accounts`, without which no job runs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)

from sellermind.errors import AccessRevoked, RecordGone
from sellermind.models.accounts import Account, AccountPage, AccountRef, ListAccounts, Marketplace
from sellermind.storage import issues, pauses
from sellermind.storage.tables.accounts import marketplace_accounts
from sellermind.storage.tables.syncs import job_pauses, sync_cursors

# A success is written once a minute at most: SellerMind audits every change of an account's row.
SUCCESS_EVERY = timedelta(minutes=1)
# SellerMind's table holds Ozon and Yandex accounts too; they are none of ours.
OUR_MARKETPLACES = tuple(each.value for each in Marketplace)

_accounts = marketplace_accounts.c
_READ = (
    _accounts.id,
    _accounts.company_id,
    _accounts.marketplace,
    _accounts.name,
    _accounts.shop_id,
    _accounts.credentials_json,
    _accounts.is_active,
    _accounts.wb_tokens_valid,
    _accounts.wb_last_successful_call,
    _accounts.created_at,
)
# What every sync asks is made once: to build a statement, or to fill an IN, costs as much as to run it.
_OURS = or_(*(_accounts.marketplace == each for each in OUR_MARKETPLACES))
_ACCOUNT = select(*_READ).where(_accounts.id == bindparam("account_id"), _OURS)
_LOCKED = _ACCOUNT.with_for_update()
_TOKEN = select(_accounts.marketplace, _accounts.wb_marketplace_token, _accounts.api_key).where(
    _accounts.id == bindparam("account_id")
)
_last = _accounts.wb_last_successful_call
_SUCCESS = (
    update(marketplace_accounts)
    .where(_accounts.id == bindparam("account_id"), or_(_last.is_(None), _last <= bindparam("a_while_ago")))
    .values(wb_last_successful_call=bindparam("now"), wb_tokens_valid=True)
)


def add(
    connection: Connection,
    *,
    company_id: int,
    marketplace: Marketplace,
    name: str,
    token_cipher: str,
    shop_ids: Sequence[str],
) -> int:
    """Add an active account and give its id.

    Args:
        connection: inside a transaction.
        company_id: SellerMind's company.
        marketplace: where the account is.
        name: how people call it.
        token_cipher: the sealed token (sellermind/vault.py).
        shop_ids: Uzum's shops; none means "ask Uzum".
    """
    now = datetime.now(UTC)
    result = connection.execute(
        insert(marketplace_accounts).values(
            company_id=company_id,
            marketplace=marketplace.value,
            name=name,
            shop_id=",".join(shop_ids) or None,
            credentials="",  # NOT NULL in SellerMind; its application reads the empty text as "none"
            connected_at=now,
            created_at=now,
            updated_at=now,
            **{_token_column(marketplace): token_cipher},
        )
    )
    return int(result.lastrowid)


def get(connection: Connection, account_id: int) -> Account:
    """Read one account.

    Raises:
        RecordGone: there is no such account.
    """
    return _one(connection, account_id, _ACCOUNT)


def lock(connection: Connection, account_id: int) -> Account:
    """Read one account and hold its row until the transaction ends: an account's pages are written one by one.

    Raises:
        RecordGone: there is no such account (any more).
    """
    return _one(connection, account_id, _LOCKED)


def list_accounts(
    connection: Connection, *, company_id: int | None = None, marketplace: Marketplace | None = None
) -> list[Account]:
    """All accounts of our marketplaces in order of id, or those of a company, or of one marketplace."""
    ours = _accounts.marketplace == marketplace.value if marketplace else _OURS
    query = select(*_READ).where(ours).order_by(_accounts.id)
    if company_id is not None:
        query = query.where(_accounts.company_id == company_id)
    return [_account(row) for row in connection.execute(query)]


def list_active(connection: Connection, ask: ListAccounts, now: datetime) -> AccountPage:
    """The next active accounts that a job may work on, in order of id.

    Args:
        connection: inside a transaction.
        ask: the job, its marketplace, and where the last page ended.
        now: accounts whose `not_before` for the job lies after it are left out, and those for which an operator has
            paused the job until later.
    """
    cursor, pause = sync_cursors.c, job_pauses.c
    paused = exists().where(pause.marketplace_account_id == _accounts.id, pause.job == ask.job, pauses.holds(now))
    query = (
        select(_accounts.id, _accounts.company_id, _accounts.marketplace, _accounts.name)
        .outerjoin(sync_cursors, and_(cursor.marketplace_account_id == _accounts.id, cursor.job == ask.job))
        .where(_accounts.marketplace == ask.marketplace.value, _accounts.is_active, _accounts.id > ask.after_id)
        .where(or_(cursor.not_before.is_(None), cursor.not_before <= now), ~paused)
        .order_by(_accounts.id)
        .limit(ask.limit)
    )
    found = tuple(
        AccountRef(id=row.id, company_id=row.company_id, marketplace=row.marketplace, name=_name(row))
        for row in connection.execute(query)
    )
    return AccountPage(accounts=found, last_id=found[-1].id if len(found) == ask.limit else None)


def token_cipher(connection: Connection, account_id: int) -> str:
    """The sealed token: the category token of Wildberries, else `api_key`.

    Raises:
        RecordGone: there is no such account.
        AccessRevoked: the account has no token.
    """
    row = connection.execute(_TOKEN, {"account_id": account_id}).one_or_none()
    if row is None:
        raise RecordGone(f"There is no account {account_id}.")
    category_token = row.wb_marketplace_token if row.marketplace == Marketplace.WILDBERRIES.value else None
    cipher = category_token or row.api_key
    if not cipher:
        raise AccessRevoked(f"Account {account_id} has no token: store one with `sellermind account set-token`.")
    return str(cipher)


def set_token(connection: Connection, account_id: int, token_cipher: str) -> None:
    """Store a new sealed token; the account is well and active again, and the next tick works on it.

    Raises:
        RecordGone: there is no such account.
    """
    account = lock(connection, account_id)
    _update(connection, account_id, {_token_column(account.marketplace): token_cipher})
    resume(connection, account_id)


def sealed_tokens(connection: Connection) -> list[tuple[int, str, str]]:
    """Every stored token of our marketplaces: the account's id, the column, and the token as it is sealed there."""
    columns = (_accounts.wb_marketplace_token, _accounts.api_key)
    ours = select(_accounts.id, *columns).where(_OURS)
    rows = connection.execute(ours.order_by(_accounts.id))
    return [(row.id, column.name, row[at]) for row in rows for at, column in enumerate(columns, 1) if row[at]]


def swap_token(connection: Connection, account_id: int, column: str, before: str, after: str) -> bool:
    """Seal a token anew; False if somebody stored another one meanwhile, which stays."""
    query = update(marketplace_accounts).where(_accounts.id == account_id, _accounts[column] == before)
    return connection.execute(query.values({column: after})).rowcount == 1


def pause(connection: Connection, account_id: int) -> None:
    """Leave the account out of all ticks until somebody resumes it.

    Raises:
        RecordGone: there is no such account.
    """
    lock(connection, account_id)
    _update(connection, account_id, {"is_active": False})


def revoke(connection: Connection, account_id: int) -> None:
    """Pause the account and mark its token as dead: the marketplace refuses it.

    Raises:
        RecordGone: there is no such account.
    """
    lock(connection, account_id)
    _update(connection, account_id, {"is_active": False, "wb_tokens_valid": False})


def resume(connection: Connection, account_id: int) -> None:
    """Let the next tick work on the account: active, token trusted, issues resolved, no wait left.

    Raises:
        RecordGone: there is no such account.
    """
    lock(connection, account_id)
    _update(connection, account_id, {"is_active": True, "wb_tokens_valid": True})
    issues.resolve_all(connection, account_id)
    ours = sync_cursors.c.marketplace_account_id == account_id
    connection.execute(update(sync_cursors).where(ours).values(not_before=None))


def record_success(connection: Connection, account_id: int, now: datetime) -> None:
    """Note that the marketplace accepted the token; once a minute at most."""
    connection.execute(_SUCCESS, {"account_id": account_id, "now": now, "a_while_ago": now - SUCCESS_EVERY})


def _one(connection: Connection, account_id: int, query: Select[*tuple[Any, ...]]) -> Account:
    row = connection.execute(query, {"account_id": account_id}).one_or_none()
    if row is None:
        raise RecordGone(f"There is no account {account_id}.")
    return _account(row)


def _update(connection: Connection, account_id: int, values: dict[str, Any]) -> None:
    statement = update(marketplace_accounts).where(_accounts.id == account_id)
    connection.execute(statement.values(updated_at=datetime.now(UTC), **values))


def _token_column(marketplace: Marketplace) -> str:
    return "wb_marketplace_token" if marketplace is Marketplace.WILDBERRIES else "api_key"


def _account(row: Row[*tuple[Any, ...]]) -> Account:
    return Account(
        id=row.id,
        company_id=row.company_id,
        marketplace=row.marketplace,
        name=_name(row),
        shop_ids=_shop_ids(row),
        is_active=row.is_active,
        tokens_valid=row.wb_tokens_valid,
        last_successful_call=row.wb_last_successful_call,
        created_at=row.created_at,
    )


def _name(row: Row[*tuple[Any, ...]]) -> str:
    """SellerMind lets an account go without a name."""
    return row.name or f"{row.marketplace} {row.id}"


def _shop_ids(row: Row[*tuple[Any, ...]]) -> tuple[str, ...]:
    """SellerMind keeps Uzum's shops in `credentials_json.shop_ids`, or as a comma list in `shop_id`."""
    listed = (row.credentials_json or {}).get("shop_ids") if isinstance(row.credentials_json, dict) else None
    return tuple(str(shop) for shop in listed or [part.strip() for part in (row.shop_id or "").split(",")] if shop)
