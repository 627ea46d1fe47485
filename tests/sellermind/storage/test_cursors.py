from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, Row, select

from sellermind.errors import RecordGone, Unavailable
from sellermind.models.sync import OpenRun, SyncProgress, SyncReport
from sellermind.storage import cursors
from sellermind.storage.engine import transaction
from sellermind.storage.tables.syncs import marketplace_sync_logs

JOB = "SyncNewWildberriesOrders"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
HALFWAY = SyncProgress(cursor="200", counts=SyncReport(fetched=200, created=150, changed=3, set_aside=2, pages=2))


def _run(account_id: int, run_id: str = "run-1") -> OpenRun:
    return OpenRun(account_id=account_id, job=JOB, run_id=run_id)


def _logs(connection: Connection) -> list[Row[*tuple[object, ...]]]:
    return list(connection.execute(select(marketplace_sync_logs).order_by(marketplace_sync_logs.c.id)))


def test_a_retried_activity_goes_on_where_its_run_was(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        assert cursors.open_run(connection, account_id, JOB, "run-1", NOW) == SyncProgress()
        cursors.advance(connection, _run(account_id), SyncProgress(), HALFWAY)
    with transaction(database) as connection:
        assert cursors.open_run(connection, account_id, JOB, "run-1", LATER) == HALFWAY
        assert len(_logs(connection)) == 1


def test_a_worker_that_was_frozen_does_not_set_its_run_back(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        cursors.open_run(connection, account_id, JOB, "run-1", NOW)
        cursors.advance(connection, _run(account_id), SyncProgress(), HALFWAY)
    with pytest.raises(Unavailable), transaction(database) as connection:
        cursors.advance(connection, _run(account_id), SyncProgress(), SyncProgress(cursor="100"))
    with transaction(database) as connection:
        assert cursors.open_run(connection, account_id, JOB, "run-1", NOW) == HALFWAY


def test_a_worker_of_a_run_that_ended_does_not_touch_the_next_run(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        cursors.open_run(connection, account_id, JOB, "run-1", NOW)
        cursors.open_run(connection, account_id, JOB, "run-2", LATER)
    with pytest.raises(Unavailable), transaction(database) as connection:
        cursors.advance(connection, _run(account_id), SyncProgress(), HALFWAY)
    with pytest.raises(Unavailable), transaction(database) as connection:
        cursors.finish(connection, _run(account_id), SyncProgress(), LATER)
    with pytest.raises(Unavailable), transaction(database) as connection:
        cursors.fail(connection, _run(account_id), SyncProgress(), "the token is dead", LATER)
    with pytest.raises(Unavailable), transaction(database) as connection:
        cursors.hold_back(connection, _run(account_id), SyncProgress(), LATER, "wait", NOW)
    with transaction(database) as connection:
        assert cursors.open_run(connection, account_id, JOB, "run-2", LATER) == SyncProgress()
        assert [log.status for log in _logs(connection)] == ["error", "running"]
        [standing] = cursors.freshness(connection)
    assert (standing.succeeded_at, standing.not_before, standing.last_error) == (None, None, None)


def test_a_new_run_starts_from_the_beginning_and_closes_the_log_of_the_one_before(
    database: Engine, account_id: int
) -> None:
    with transaction(database) as connection:
        cursors.open_run(connection, account_id, JOB, "run-1", NOW)
        cursors.advance(connection, _run(account_id), SyncProgress(), HALFWAY)
        assert cursors.open_run(connection, account_id, JOB, "run-2", LATER) == SyncProgress()
        first, second = _logs(connection)
    assert (first.status, first.message, first.finished_at) == ("error", "the run ended without finishing", LATER)
    assert (second.status, second.started_at, second.type) == ("running", LATER, "orders")
    assert second.request_payload == {"job": JOB, "run_id": "run-2"}


def test_a_finished_run_makes_the_account_fresh_and_says_its_counts(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        cursors.open_run(connection, account_id, JOB, "run-1", NOW)
        cursors.advance(connection, _run(account_id), SyncProgress(), HALFWAY)
        cursors.finish(connection, _run(account_id), HALFWAY, LATER)
        [fresh] = cursors.freshness(connection)
        [log] = _logs(connection)
    assert (fresh.account_id, fresh.job, fresh.succeeded_at, fresh.last_error) == (account_id, JOB, LATER, None)
    assert (log.status, log.finished_at, log.message) == ("success", LATER, None)
    counts = {"fetched": 200, "created": 150, "changed": 3, "unknown": 0, "set_aside": 2, "pages": 2}
    assert log.response_payload == counts


def test_a_finished_run_keeps_its_log_when_the_next_one_begins(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        cursors.open_run(connection, account_id, JOB, "run-1", NOW)
        cursors.finish(connection, _run(account_id), SyncProgress(), NOW)
        cursors.open_run(connection, account_id, JOB, "run-2", LATER)
        assert [log.status for log in _logs(connection)] == ["success", "running"]


def test_a_failure_is_remembered_until_the_next_success_and_freshness_stays(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        cursors.open_run(connection, account_id, JOB, "run-1", NOW)
        cursors.finish(connection, _run(account_id), SyncProgress(), NOW)
        cursors.open_run(connection, account_id, JOB, "run-2", LATER)
        cursors.fail(connection, _run(account_id, "run-2"), SyncProgress(), "the token is dead", LATER)
        [stale] = cursors.freshness(connection)
        assert (stale.succeeded_at, stale.last_error) == (NOW, "the token is dead")
        assert [(log.status, log.message) for log in _logs(connection)][1] == ("error", "the token is dead")
        cursors.open_run(connection, account_id, JOB, "run-3", LATER)
        cursors.finish(connection, _run(account_id, "run-3"), SyncProgress(), LATER)
        [fresh] = cursors.freshness(connection)
    assert (fresh.succeeded_at, fresh.last_error) == (LATER, None)


def test_a_success_ends_the_wait_that_a_run_before_was_told(database: Engine, account_id: int) -> None:
    until = NOW + timedelta(hours=5)
    with transaction(database) as connection:
        cursors.open_run(connection, account_id, JOB, "run-1", NOW)
        cursors.hold_back(connection, _run(account_id), SyncProgress(), until, "come back later", NOW)
        assert [(each.not_before, each.last_error) for each in cursors.freshness(connection)] == [
            (until, "come back later")
        ]
        cursors.open_run(connection, account_id, JOB, "run-2", until)
        cursors.finish(connection, _run(account_id, "run-2"), SyncProgress(), until)
        assert cursors.freshness(connection)[0].not_before is None


def test_each_job_of_an_account_has_a_cursor_of_its_own(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        cursors.open_run(connection, account_id, JOB, "run-1", NOW)
        cursors.open_run(connection, account_id, "SyncWildberriesSupplies", "run-9", NOW)
        cursors.advance(connection, _run(account_id), SyncProgress(), HALFWAY)
        assert cursors.open_run(connection, account_id, "SyncWildberriesSupplies", "run-9", NOW) == SyncProgress()


def test_a_run_of_a_removed_account_does_not_begin(database: Engine) -> None:
    with transaction(database) as connection, pytest.raises(RecordGone):
        cursors.open_run(connection, 404, JOB, "run-1", NOW)


def test_a_watermark_stays_where_the_last_complete_run_put_it(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        assert cursors.watermark(connection, account_id, JOB) is None
        cursors.open_run(connection, account_id, JOB, "run-1", NOW)
        cursors.move_watermark(connection, account_id, JOB, NOW)
        cursors.open_run(connection, account_id, JOB, "run-2", LATER)
        cursors.fail(connection, _run(account_id, "run-2"), SyncProgress(), "incomplete", LATER)
        assert cursors.watermark(connection, account_id, JOB) == NOW
