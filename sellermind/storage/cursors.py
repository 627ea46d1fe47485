"""How far each account's syncs have come: `sync_cursors`, with SellerMind's `marketplace_sync_logs` beside it."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Update, bindparam, insert, select, update

from sellermind.errors import Unavailable
from sellermind.models.sync import Freshness, OpenRun, SyncProgress, SyncReport
from sellermind.storage import accounts
from sellermind.storage.tables.syncs import marketplace_sync_logs, sync_cursors
from sellermind.storage.upsert import upsert

LOG_TYPE = "orders"  # SellerMind's word for every sync of orders, statuses and supplies; the job is in the payload
ENDED_UNFINISHED = "the run ended without finishing"
COUNTS = ("pages", "fetched", "created", "changed", "unknown", "set_aside")

_cursor = sync_cursors.c
_OF = (_cursor.marketplace_account_id == bindparam("account_id"), _cursor.job == bindparam("of_job"))
_ROW = select(sync_cursors).where(*_OF)
_WATERMARK = select(_cursor.watermark).where(*_OF)
_OPEN_LOG = select(_cursor.sync_log_id, _cursor.last_error).where(*_OF)
_log = marketplace_sync_logs.c
_CLOSE = (
    update(marketplace_sync_logs)
    .where(_log.id == bindparam("log_id"), _log.status == "running")
    .values(
        status=bindparam("new_status"),
        finished_at=bindparam("at"),
        updated_at=bindparam("at"),
        message=bindparam("new_message"),
        response_payload=bindparam("response"),
    )
)


def open_run(connection: Connection, account_id: int, job: str, run_id: str, now: datetime) -> SyncProgress:
    """Begin a run of a job, or go on with it: a retried activity gets back what its earlier attempt stored.

    Args:
        connection: inside a transaction.
        account_id: the account.
        job: workflow type.
        run_id: the workflow run; another one starts from the beginning and closes the log of the run before.
        now: the start, UTC.

    Raises:
        RecordGone: there is no such account (any more).
    """
    accounts.lock(connection, account_id)
    row = connection.execute(_ROW, _of(account_id, job)).one_or_none()
    if row is not None and row.run_id == run_id:
        return _progress(row)
    if row is not None and row.sync_log_id is not None:
        _close_log(connection, row.sync_log_id, "error", now, message=ENDED_UNFINISHED)
    fresh = {
        "run_id": run_id,
        "cursor": None,
        **dict.fromkeys(COUNTS, 0),
        "sync_log_id": _open_log(connection, account_id, job, run_id, now),
        "started_at": now,
    }
    key = {"marketplace_account_id": account_id, "job": job}
    upsert(connection, sync_cursors, [key | fresh], key=tuple(key), owned=tuple(fresh))
    return SyncProgress()


def advance(connection: Connection, run: OpenRun, progress: SyncProgress, following: SyncProgress) -> None:
    """Keep a run's progress; call it in the transaction that stores the page it counts.

    Args:
        connection: the page's transaction.
        run: whose progress.
        progress: where its worker believes the run to be.
        following: where it is now.

    Raises:
        Unavailable: the run is elsewhere: this worker was frozen, and another one has gone on with the account. The
            page must not be stored: it is old, and its place is not the run's any more.
    """
    counts = {name: getattr(following.counts, name) for name in COUNTS}
    _write(connection, run, progress, cursor=following.cursor, **counts)


def finish(
    connection: Connection, run: OpenRun, progress: SyncProgress, now: datetime, left_out: str | None = None
) -> bool:
    """Close a run that succeeded: the account is fresh as of now.

    Args:
        connection: inside a transaction.
        run: which.
        progress: where its worker believes it to be.
        now: its end, UTC.
        left_out: what it had to do without, if anything, and why.

    Returns:
        Whether the run before it failed, or left something out.

    Raises:
        Unavailable: as `advance`; what a frozen worker found is no end of the run that goes on without it.
    """
    counts = {name: getattr(progress.counts, name) for name in COUNTS}
    before = _close_run(connection, run, "success", now, response=counts)
    _write(connection, run, progress, succeeded_at=now, not_before=None, last_error=left_out)
    return before is not None


def fail(connection: Connection, run: OpenRun, progress: SyncProgress, message: str, now: datetime) -> None:
    """Close a run that failed for good.

    Raises:
        Unavailable: as `finish`.
    """
    _write(connection, run, progress, last_error=message)
    _close_run(connection, run, "error", now, message=message)


def stop(connection: Connection, run: OpenRun, message: str, now: datetime) -> None:
    """Close what an earlier attempt of a run left open; its account is paused, and it goes on no more."""
    own = update(sync_cursors).where(*_OF, _cursor.run_id == run.run_id).values(last_error=message)
    if connection.execute(own, _of(run.account_id, run.job)).rowcount:
        _close_run(connection, run, "error", now, message=message)


def hold_back(  # noqa: PLR0917 - the forms of finish, fail and hold_back go together
    connection: Connection, run: OpenRun, progress: SyncProgress, not_before: datetime, message: str, now: datetime
) -> None:
    """Close a run that was told to wait too long; ticks leave the account's job alone until `not_before`.

    Raises:
        Unavailable: as `finish`.
    """
    _write(connection, run, progress, not_before=not_before, last_error=message)
    _close_run(connection, run, "error", now, message=message)


def watermark(connection: Connection, account_id: int, job: str) -> datetime | None:
    """Up to when a job that works by windows has seen everything; None before its first complete run."""
    return connection.execute(_WATERMARK, _of(account_id, job)).scalar_one_or_none()


def move_watermark(connection: Connection, account_id: int, job: str, until: datetime) -> None:
    """Note that a complete run has seen everything up to `until`; an incomplete one must not call it."""
    connection.execute(update(sync_cursors).where(*_OF).values(watermark=until), _of(account_id, job))


def look_back(connection: Connection, account_id: int, job: str, since: datetime) -> None:
    """Let the next run see everything since then anew; never less than it would see anyway."""
    later = update(sync_cursors).where(*_OF, _cursor.watermark > since).values(watermark=since)
    connection.execute(later, _of(account_id, job))


def last_success(connection: Connection, account_id: int) -> datetime | None:
    """When one of the account's jobs last ended well; None if none has."""
    query = select(_cursor.succeeded_at).where(_cursor.marketplace_account_id == account_id)
    return connection.execute(query.order_by(_cursor.succeeded_at.desc()).limit(1)).scalar_one_or_none()


def freshness(connection: Connection) -> list[Freshness]:
    """How every account's jobs stand, in order of account and job."""
    query = select(sync_cursors).order_by(_cursor.marketplace_account_id, _cursor.job)
    return [
        Freshness(
            account_id=row.marketplace_account_id,
            job=row.job,
            succeeded_at=row.succeeded_at,
            not_before=row.not_before,
            last_error=row.last_error,
        )
        for row in connection.execute(query)
    ]


def _write(connection: Connection, run: OpenRun, progress: SyncProgress, **values: Any) -> None:
    """Change a run's row, if the run is where its worker believes it to be."""
    place = {"of_run": run.run_id, "of_pages": progress.counts.pages, "of_cursor": progress.cursor}
    new = {f"new_{name}": value for name, value in values.items()}
    write = _writing(tuple(values), begun=progress.cursor is not None)
    if connection.execute(write, {**_of(run.account_id, run.job), **place, **new}).rowcount != 1:
        raise Unavailable("another worker has gone on with this account's sync")


@lru_cache
def _writing(names: tuple[str, ...], *, begun: bool) -> Update:
    """Change these columns of a run that is at a certain place; made once, since every page is counted by it."""
    here = _cursor.cursor == bindparam("of_cursor") if begun else _cursor.cursor.is_(None)
    own = (*_OF, _cursor.run_id == bindparam("of_run"), _cursor.pages == bindparam("of_pages"), here)
    return update(sync_cursors).where(*own).values({name: bindparam(f"new_{name}") for name in names})


def _of(account_id: int, job: str) -> dict[str, Any]:
    return {"account_id": account_id, "of_job": job}


def _progress(row: Row[*tuple[Any, ...]]) -> SyncProgress:
    return SyncProgress(cursor=row.cursor, counts=SyncReport(**{name: getattr(row, name) for name in COUNTS}))


def _open_log(connection: Connection, account_id: int, job: str, run_id: str, now: datetime) -> int:
    result = connection.execute(
        insert(marketplace_sync_logs).values(
            marketplace_account_id=account_id,
            type=LOG_TYPE,
            status="running",
            started_at=now,
            request_payload={"job": job, "run_id": run_id},
            created_at=now,
            updated_at=now,
        )
    )
    return int(result.lastrowid)


def _close_run(
    connection: Connection,
    run: OpenRun,
    status: str,
    now: datetime,
    *,
    message: str | None = None,
    response: dict[str, int] | None = None,
) -> str | None:
    """Close the run's log; give the error that the run before it left."""
    row = connection.execute(_OPEN_LOG, _of(run.account_id, run.job)).one_or_none()
    if row is None:
        return None
    if row.sync_log_id is not None:
        _close_log(connection, row.sync_log_id, status, now, message=message, response=response)
    before: str | None = row.last_error
    return before


def _close_log(
    connection: Connection,
    log_id: int,
    status: str,
    now: datetime,
    *,
    message: str | None = None,
    response: dict[str, int] | None = None,
) -> None:
    """Close a log that is still running; one that is closed already keeps its outcome."""
    values = {"new_status": status, "at": now, "new_message": message, "response": response}
    connection.execute(_CLOSE, {"log_id": log_id, **values})
