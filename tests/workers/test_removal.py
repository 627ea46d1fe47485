"""Old rows are removed by a real worker; one that is stopped in the middle hands on what is left."""

import asyncio
import signal
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, insert, select

from sellermind.models.retention import AgingRows, RemovedRows, Retention
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.accounts import marketplace_accounts
from sellermind.storage.tables.syncs import marketplace_sync_logs
from tests.fixtures.command_line import clean_environment, sellermind
from tests.fixtures.temporal import until_at_work
from tests.fixtures.worker_process import Site, started

ROWS = 30_000
AGE = timedelta(days=31)


def _fill(database: Engine, rows: int) -> None:
    old = datetime.now(UTC) - AGE
    moments = dict.fromkeys(("started_at", "created_at", "updated_at"), old)
    account = {"id": 1, "company_id": 1, "marketplace": "wb", "credentials": ""}
    log = {"marketplace_account_id": 1, "type": "orders", "status": "success", **moments}
    with transaction(database) as connection:
        connection.execute(insert(marketplace_accounts), account)
        connection.execute(insert(marketplace_sync_logs), [log] * rows)


def _left(database: Engine) -> int:
    with reading(database) as connection:
        return int(connection.execute(select(func.count()).select_from(marketplace_sync_logs)).scalar_one())


async def test_a_worker_that_stops_hands_on_what_is_left_and_the_newest_old_log_stays(
    site: Site, sqlite_database: Engine
) -> None:
    _fill(sqlite_database, ROWS)
    async with started(environment=site.environment, module="workers.low") as first:
        await first.said("worker ready")
        with transaction(sqlite_database):  # the first rows go when the worker has heard that it must stop
            run = await site.client.start_workflow(
                "RemoveOldRows",
                Retention(days={AgingRows.SYNC_LOGS: 30}),
                id="remove-old-rows",
                task_queue="low",
                result_type=RemovedRows,
            )
            await until_at_work(run)
            first.signal(signal.SIGTERM)
            await first.said("stopping: running activities may finish, a second signal ends at once")
        await first.ended()
        assert 1 < _left(sqlite_database) < ROWS
    async with started(environment=site.environment, module="workers.low"):
        assert (await run.result()).removed == {AgingRows.SYNC_LOGS: ROWS - 1}
    assert _left(sqlite_database) == 1


async def test_an_operator_has_old_rows_removed_now_and_hears_how_many(site: Site, sqlite_database: Engine) -> None:
    _fill(sqlite_database, 5)
    environment = clean_environment(**site.environment)
    async with started(environment=site.environment, module="workers.low"):
        dispatch = ("dispatch", "RemoveOldRows", "--wait")
        first = await asyncio.to_thread(sellermind, *dispatch, "--json", environment=environment)
        again = await asyncio.to_thread(sellermind, *dispatch, environment=environment)
    assert first.json["removed"] == {"sync_logs": 4, "order_events": 0, "closed_issues": 0}
    assert again.out == "removed: 0 sync logs, 0 order events, 0 closed issues\n"
    assert _left(sqlite_database) == 1
    refused = sellermind("dispatch", "RemoveOldRows", "--company", "1", environment=environment)
    assert (refused.code, "is for all companies" in refused.err) == (2, True)
