"""Wildberries supplies: what the listing says of them, and which of them are worth a closer look.

A supply that a listing lacks is never deleted: after two complete listings without it, it is marked.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select, update

from sellermind.models.orders import Stored
from sellermind.models.supplies import SupplyFacts, SupplyPage, SupplyState, WantedSupply
from sellermind.storage import accounts
from sellermind.storage.differences import differs
from sellermind.storage.fitting import fitting
from sellermind.storage.tables.supplies import supplies
from sellermind.storage.upsert import upsert

KEY = ("marketplace_account_id", "external_supply_id")
FACTS = ("name", "wb_state", "opened_at", "closed_at", "delivered_at", "cargo_type", "metadata")
# SellerMind's words. While a supply is open, its own pages move it between draft, in_assembly and ready.
STATUSES = {SupplyState.CLOSED: "sent", SupplyState.ACCEPTED: "delivered"}
FIRST_STATUS = "draft"
# A closed supply's orders can still be taken back; after this long nobody does.
LATELY = timedelta(days=7)
# Orders of a supply that the table lacks are found by the reconciliation, which looks this far back.
FINDABLE = timedelta(days=30)

_supply = supplies.c


def store(connection: Connection, account_id: int, page: SupplyPage, run_id: str) -> Stored:
    """Make the table hold what a page of GET /api/v3/supplies says.

    Args:
        connection: in the transaction that also keeps the run's progress.
        account_id: row of `marketplace_accounts`, locked until the transaction ends.
        page: supplies, whatever their state.
        run_id: the workflow run that is listing, for finish_listing.

    Raises:
        RecordGone: the account was removed.
    """
    accounts.lock(connection, account_id)
    rows, set_aside = fitting(supplies, "external_supply_id", (_row(account_id, each) for each in page.supplies))
    stored = _stored(connection, account_id, list(rows))
    created = [row for supply_id, row in rows.items() if supply_id not in stored]
    changed = [row for supply_id, row in rows.items() if supply_id in stored and differs(row, stored[supply_id], FACTS)]
    _write(connection, created, changed)
    _look_again(connection, account_id, [row for row in changed if _has_left(row, stored[row["external_supply_id"]])])
    _mark_listed(connection, account_id, list(rows), run_id)
    return Stored(created=len(created), changed=len(changed), set_aside=set_aside)


def finish_listing(connection: Connection, account_id: int, run_id: str) -> int:
    """After the last page: mark the supplies that this complete listing and one before it lacked.

    A listing that showed nothing proves nothing. Called twice for a run, it does nothing the second time.

    Args:
        connection: in the transaction that also keeps the run's progress.
        account_id: the account.
        run_id: as given to store.

    Returns:
        How many supplies are newly marked as missing.
    """
    ours = _supply.marketplace_account_id == account_id
    if not connection.execute(select(exists().where(ours, _supply.listed_in == run_id))).scalar_one():
        return 0
    lacking = and_(ours, _supply.missing_since.is_(None), or_(_supply.listed_in.is_(None), _supply.listed_in != run_id))
    again = and_(lacking, _supply.missed_in.is_not(None), _supply.missed_in != run_id)
    marked = connection.execute(update(supplies).where(again).values(missing_since=datetime.now(UTC)))
    connection.execute(update(supplies).where(lacking, _supply.missed_in.is_(None)).values(missed_in=run_id))
    return marked.rowcount


def wanted(
    connection: Connection,
    account_id: int,
    now: datetime,
    after_row_id: int = 0,
    limit: int = 1000,
    *,
    for_boxes: bool = False,
) -> list[WantedSupply]:
    """The next supplies whose orders and boxes are worth reading, by row id.

    Args:
        connection: inside a transaction.
        account_id: the account.
        now: for what "lately" means.
        after_row_id: the last supply that this run has read.
        limit: at most so many.
        for_boxes: also those whose boxes alone have never been read: Wildberries may have refused to list them.
    """
    worth_reading = or_(_is_wanted(now), _supply.boxes_read_at.is_(None)) if for_boxes else _is_wanted(now)
    query = (
        select(_supply.id, _supply.external_supply_id)
        .where(_supply.marketplace_account_id == account_id, _supply.id > after_row_id)
        # One that the last listing lacked was most likely deleted: asking costs ten calls, and the answer is 404.
        .where(_supply.external_supply_id.is_not(None), _supply.missed_in.is_(None), worth_reading)
        .order_by(_supply.id)
        .limit(limit)
    )
    return [WantedSupply(row_id=row.id, external_supply_id=row.external_supply_id) for row in connection.execute(query)]


def _is_wanted(now: datetime) -> ColumnElement[bool]:
    """Open, lately closed, never read as it is now, or with orders that we do not have yet.

    One that Wildberries has accepted changes no more: once read since it was closed, it is never read again.
    """
    closed = _supply.closed_at
    return or_(
        _supply.wb_state == SupplyState.OPEN.value,
        and_(_supply.wb_state == SupplyState.CLOSED.value, or_(closed.is_(None), closed > now - LATELY)),
        _supply.orders_read_at.is_(None),
        and_(_supply.orders_unknown > 0, closed > now - FINDABLE),
    )


def _row(account_id: int, supply: SupplyFacts) -> dict[str, Any]:
    return {
        "marketplace_account_id": account_id,
        "external_supply_id": supply.external_supply_id,
        "name": supply.name or supply.external_supply_id,
        "wb_state": supply.state.value,
        "opened_at": supply.opened_at,
        "closed_at": supply.closed_at,
        "delivered_at": supply.scanned_at,
        "cargo_type": None if supply.cargo_type is None else str(supply.cargo_type),
        "metadata": supply.raw_payload,
        "status": STATUSES.get(supply.state, FIRST_STATUS),
    }


def _stored(connection: Connection, account_id: int, supply_ids: list[str]) -> dict[str, tuple[Any, ...]]:
    if not supply_ids:
        return {}
    query = select(_supply.external_supply_id, *(_supply[name] for name in FACTS)).where(
        _supply.marketplace_account_id == account_id, _supply.external_supply_id.in_(supply_ids)
    )
    return {supply_id: tuple(facts) for supply_id, *facts in connection.execute(query)}


def _write(connection: Connection, created: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
    now = datetime.now(UTC)
    owned = (*FACTS, "updated_at")
    stamped = [row | {"created_at": now, "updated_at": now} for row in created]
    upsert(connection, supplies, stamped, key=KEY, owned=owned)
    still_open = [row | {"updated_at": now} for row in changed if row["status"] == FIRST_STATUS]
    upsert(connection, supplies, still_open, key=KEY, owned=owned)
    handed_over = [row | {"updated_at": now} for row in changed if row["status"] != FIRST_STATUS]
    upsert(connection, supplies, handed_over, key=KEY, owned=(*owned, "status"))


def _has_left(row: dict[str, Any], stored: tuple[Any, ...]) -> bool:
    """Whether a supply was open when it was listed before, and is not any more."""
    before = stored[FACTS.index("wb_state")]
    return bool(before == SupplyState.OPEN.value and row["wb_state"] != before)


def _look_again(connection: Connection, account_id: int, left: list[dict[str, Any]]) -> None:
    """What was read of a supply while it was open need not be what it left with.

    Told by its state: the marketplace's clock need not agree with ours, and it counts in whole seconds.
    """
    if left:
        ids = [row["external_supply_id"] for row in left]
        ours = (_supply.marketplace_account_id == account_id, _supply.external_supply_id.in_(ids))
        connection.execute(update(supplies).where(*ours).values(orders_read_at=None, boxes_read_at=None))


def _mark_listed(connection: Connection, account_id: int, supply_ids: list[str], run_id: str) -> None:
    if supply_ids:
        ours = (_supply.marketplace_account_id == account_id, _supply.external_supply_id.in_(supply_ids))
        seen = {"listed_in": run_id, "missed_in": None, "missing_since": None}
        connection.execute(update(supplies).where(*ours).values(**seen))
