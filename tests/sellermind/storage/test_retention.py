"""Old rows go, oldest first, in batches; what somebody may still ask for stays."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, Table, event, insert, select

from sellermind.models.retention import AgingRows
from sellermind.storage import account_removal, cursors, issues
from sellermind.storage.engine import transaction
from sellermind.storage.retention import BATCH, Walk, remove_batch
from sellermind.storage.tables.accounts import marketplace_account_issues
from sellermind.storage.tables.orders import order_events
from sellermind.storage.tables.syncs import marketplace_sync_logs

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(days=30)
JOB, OTHER = "SyncNewWildberriesOrders", "UpdateWildberriesOrdersStatus"


def _log(account_id: int, days: float | None, status: str = "success", job: str | None = JOB) -> dict[str, object]:
    """A sync that began so many days ago; a log without a job is one of SellerMind's own."""
    began = None if days is None else NOW - timedelta(days=days)
    payload = {"job": job, "run_id": "r"} if job else None
    log = {"type": "orders", "status": status, "started_at": began, "created_at": began, "updated_at": began}
    return {"marketplace_account_id": account_id, "request_payload": payload, **log}


def _event(account_id: int, number: int, days: float) -> dict[str, object]:
    """An order that was created so many days ago."""
    moment = NOW - timedelta(days=days)
    what = {"external_order_id": str(number), "event": "created", "status": "new"}
    whose = {"marketplace": "wb", "marketplace_account_id": account_id}
    return {**whose, **what, "read_at": moment, "created_at": moment}


def _store(database: Engine, table: Table, rows: Iterable[dict[str, object]]) -> None:
    with transaction(database) as connection:
        connection.execute(insert(table), list(rows))


def _ids(connection: Connection, table: Table) -> list[int]:
    return list(connection.execute(select(table.c.id).order_by(table.c.id)).scalars())


def _remove(database: Engine, kind: AgingRows) -> Walk:
    walk = Walk()
    while not walk.done:
        with transaction(database) as connection:
            walk = remove_batch(connection, kind, BEFORE, walk)
    return walk


def _left(database: Engine, table: Table, kind: AgingRows) -> list[int]:
    """Which rows a removal leaves, by their place among those before it, from 1."""
    with transaction(database) as connection:
        before = _ids(connection, table)
    removed = _remove(database, kind).removed
    with transaction(database) as connection:
        after = _ids(connection, table)
    assert removed == len(before) - len(after)
    return [before.index(each) + 1 for each in after]


def test_of_each_job_and_outcome_the_newest_old_log_stays(database: Engine, account_id: int) -> None:
    old = [
        _log(account_id, 90),
        _log(account_id, 80, "error"),
        _log(account_id, 70, "error"),  # the last failure
        _log(account_id, 60, job=OTHER),  # the other job's last success
        _log(account_id, 50, job=None),
        _log(account_id, 45, job=None),  # the web application's own last one
        _log(account_id, 40),
        _log(account_id, 35),  # the newest that is old
    ]
    _store(database, marketplace_sync_logs, [*old, _log(account_id, 29), _log(account_id, 1)])
    assert _left(database, marketplace_sync_logs, AgingRows.SYNC_LOGS) == [3, 4, 6, 8, 9, 10]
    assert _remove(database, AgingRows.SYNC_LOGS).removed == 0


def test_a_run_that_nobody_has_ended_keeps_its_log(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        for days in (80, 70):
            cursors.open_run(connection, account_id, JOB, f"run-{days}", NOW - timedelta(days=days))
    _store(database, marketplace_sync_logs, [_log(account_id, 60, "running"), _log(account_id, 50, "running", OTHER)])
    # the second one is superseded by a later run of the same job, the first is the last failure
    assert _left(database, marketplace_sync_logs, AgingRows.SYNC_LOGS) == [1, 3, 4]


def test_a_log_whose_age_nobody_knows_stays_and_hides_no_older_ones(database: Engine, account_id: int) -> None:
    unknown = [_log(account_id, None) for _ in range(BATCH + 1)]
    _store(database, marketplace_sync_logs, [*unknown, _log(account_id, 50), _log(account_id, 40)])
    assert _left(database, marketplace_sync_logs, AgingRows.SYNC_LOGS) == [*range(1, BATCH + 2), BATCH + 3]


def test_events_go_when_old_and_a_consumer_by_id_misses_none_that_comes(database: Engine, account_id: int) -> None:
    _store(database, order_events, [_event(account_id, number, days=100) for number in range(5)])
    assert _left(database, order_events, AgingRows.ORDER_EVENTS) == [5]
    with transaction(database) as connection:
        taken = _ids(connection, order_events)
        connection.execute(insert(order_events).values(**_event(account_id, 5, days=0)))
        assert _ids(connection, order_events) == [*taken, taken[0] + 1]


def test_only_issues_closed_long_ago_go(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        for job in ("one", "two", "three", "open"):
            issues.open_or_count(connection, account_id, "api_error", "500", job=job)
    issue = marketplace_account_issues
    with transaction(database) as connection:
        connection.execute(issue.update().values(created_at=NOW - timedelta(days=90)))
        for row, days in zip(_ids(connection, issue), (60, 50, 10), strict=False):
            closed = {"status": "resolved", "resolved_at": NOW - timedelta(days=days)}
            connection.execute(issue.update().where(issue.c.id == row).values(**closed))
    assert _left(database, issue, AgingRows.CLOSED_ISSUES) == [2, 3, 4]


def test_no_batch_looks_past_its_bound_nor_beyond_the_first_young_page(database: Engine, account_id: int) -> None:
    rows = [_event(account_id, number, days=100) for number in range(2 * BATCH)]
    _store(
        database, order_events, rows + [_event(account_id, number, days=1) for number in range(2 * BATCH, 5 * BATCH)]
    )
    sizes: list[int] = []
    event.listen(database, "after_cursor_execute", lambda *called: sizes.append(called[1].rowcount))
    gone = []
    walk = Walk()
    while not walk.done:
        with transaction(database) as connection:
            following = remove_batch(connection, AgingRows.ORDER_EVENTS, BEFORE, walk)
        gone.append(following.removed - walk.removed)
        walk = following
    assert gone == [BATCH - 1, BATCH, 0]
    assert max(sizes) <= BATCH
    with transaction(database) as connection:
        assert (
            _ids(connection, order_events).index(walk.after_id) == BATCH
        )  # the one that stayed, and a page of young ones


def test_a_removal_that_was_cut_off_begins_anew_and_ends_the_same(database: Engine, account_id: int) -> None:
    _store(database, marketplace_sync_logs, [_log(account_id, 90 - number / 100) for number in range(2 * BATCH + 10)])
    with transaction(database) as connection:
        first = remove_batch(connection, AgingRows.SYNC_LOGS, BEFORE, Walk())
    assert not first.done
    assert _left(database, marketplace_sync_logs, AgingRows.SYNC_LOGS) == [2 * BATCH + 10 - first.removed]


def test_an_account_whose_old_rows_are_gone_can_be_removed(database: Engine, account_id: int) -> None:
    _store(database, marketplace_sync_logs, [_log(account_id, 90), _log(account_id, 80), _log(account_id, 1)])
    _store(database, order_events, [_event(account_id, number, days=100) for number in range(3)])
    for kind in AgingRows:
        _remove(database, kind)
    with transaction(database) as connection:
        account_removal.remove(connection, account_id)
        assert _ids(connection, marketplace_sync_logs) == _ids(connection, order_events) == []
