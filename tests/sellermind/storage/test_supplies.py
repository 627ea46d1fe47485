from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, Row, select, update

from sellermind.errors import RecordGone
from sellermind.models.orders import Stored
from sellermind.models.supplies import SupplyContents, SupplyFacts, SupplyPage
from sellermind.storage import schema, supplies, supply_contents
from sellermind.storage.engine import build_engine, reading, transaction
from sellermind.storage.tables.supplies import supplies as table
from tests.sellermind.storage import original

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OPEN = SupplyFacts(external_supply_id="WB-GI-1", name="Понедельник", opened_at=NOW - DAY, cargo_type=1)
CLOSED = OPEN.model_copy(update={"done": True, "closed_at": NOW})
ACCEPTED = CLOSED.model_copy(update={"scanned_at": NOW + DAY})


def _store(engine: Engine, account_id: int, *listed: SupplyFacts, run_id: str = "run-1") -> Stored:
    with transaction(engine) as connection:
        page = SupplyPage(supplies=listed, set_aside=(), read_at=NOW, next=None)
        return supplies.store(connection, account_id, page, run_id)


def _finish(engine: Engine, account_id: int, run_id: str) -> int:
    with transaction(engine) as connection:
        return supplies.finish_listing(connection, account_id, run_id)


def _read_orders(engine: Engine, account_id: int, read_at: datetime, *order_ids: str) -> None:
    with transaction(engine) as connection:
        contents = SupplyContents(external_supply_id="WB-GI-1", external_ids=order_ids, set_aside=(), read_at=read_at)
        supply_contents.link_orders(connection, account_id, contents)


def _wanted(engine: Engine, account_id: int, now: datetime, **limits: Any) -> list[str]:
    with reading(engine) as connection:
        return [each.external_supply_id for each in supplies.wanted(connection, account_id, now, **limits)]


def _rows(engine: Engine) -> list[Row[*tuple[Any, ...]]]:
    with reading(engine) as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


@pytest.mark.parametrize(
    ("supply", "wb_state", "status"),
    [(OPEN, "open", "draft"), (CLOSED, "closed", "sent"), (ACCEPTED, "accepted", "delivered")],
)
def test_a_listed_supply_is_stored_with_its_state(
    database: Engine, account_id: int, supply: SupplyFacts, wb_state: str, status: str
) -> None:
    assert _store(database, account_id, supply) == Stored(created=1)
    [row] = _rows(database)
    assert (row.external_supply_id, row.name, row.cargo_type) == ("WB-GI-1", "Понедельник", "1")
    assert (row.wb_state, row.status) == (wb_state, status)
    assert (row.opened_at, row.closed_at, row.delivered_at) == (NOW - DAY, supply.closed_at, supply.scanned_at)


def test_a_supply_that_says_nothing_new_is_not_written(database: Engine, account_id: int) -> None:
    _store(database, account_id, OPEN)
    [before] = _rows(database)
    assert _store(database, account_id, OPEN) == Stored()
    assert _rows(database) == [before]


def test_a_supply_that_moves_on_keeps_its_row_and_its_counters(database: Engine, account_id: int) -> None:
    _store(database, account_id, OPEN)
    _read_orders(database, account_id, NOW, "1", "2")
    assert _store(database, account_id, CLOSED) == Stored(changed=1)
    [row] = _rows(database)
    assert (row.wb_state, row.status, row.orders_count) == ("closed", "sent", 2)


def test_the_sellers_own_word_for_an_open_supply_is_kept(database: Engine, account_id: int) -> None:
    _store(database, account_id, OPEN)
    with transaction(database) as connection:
        connection.execute(update(table).values(status="ready"))
    _store(database, account_id, OPEN.model_copy(update={"name": "Вторник"}))
    [row] = _rows(database)
    assert (row.name, row.status) == ("Вторник", "ready")


def test_a_supply_without_a_name_is_called_by_its_id(database: Engine, account_id: int) -> None:
    _store(database, account_id, SupplyFacts(external_supply_id="WB-GI-7"))
    assert _rows(database)[0].name == "WB-GI-7"


def test_a_supply_that_fits_no_column_is_set_aside_and_the_page_goes_on(database: Engine, account_id: int) -> None:
    stored = _store(
        database,
        account_id,
        OPEN.model_copy(update={"name": "x" * 256}),
        CLOSED.model_copy(update={"external_supply_id": "WB-GI-2"}),
    )
    assert (stored.created, [row.external_id for row in stored.set_aside]) == (1, ["WB-GI-1"])


def test_supplies_of_a_removed_account_are_not_stored(database: Engine) -> None:
    with pytest.raises(RecordGone):
        _store(database, 404, OPEN)


OTHER = SupplyFacts(external_supply_id="WB-GI-2")


def test_a_supply_missing_from_two_complete_listings_is_marked_and_never_deleted(
    database: Engine, account_id: int
) -> None:
    _store(database, account_id, OPEN, OTHER, run_id="run-1")
    for run_id, newly_missing in (("run-2", 0), ("run-3", 1), ("run-4", 0)):
        _store(database, account_id, OTHER, run_id=run_id)
        assert _finish(database, account_id, run_id) == newly_missing
    gone, other = _rows(database)
    assert gone.missing_since is not None
    assert other.missing_since is None
    assert _wanted(database, account_id, NOW) == ["WB-GI-2"]


def test_a_listing_finished_twice_by_a_retry_counts_once(database: Engine, account_id: int) -> None:
    _store(database, account_id, OPEN, OTHER, run_id="run-1")
    _store(database, account_id, OTHER, run_id="run-2")
    assert [_finish(database, account_id, "run-2") for _ in range(3)] == [0, 0, 0]
    assert _rows(database)[0].missing_since is None


def test_an_empty_listing_proves_nothing(database: Engine, account_id: int) -> None:
    _store(database, account_id, OPEN, run_id="run-1")
    for run_id in ("run-2", "run-3", "run-4"):
        _store(database, account_id, run_id=run_id)
        assert _finish(database, account_id, run_id) == 0
    assert _rows(database)[0].missing_since is None


def test_a_supply_that_is_listed_again_is_missing_no_more(database: Engine, account_id: int) -> None:
    _store(database, account_id, OPEN, OTHER, run_id="run-1")
    for run_id in ("run-2", "run-3"):
        _store(database, account_id, OTHER, run_id=run_id)
        _finish(database, account_id, run_id)
    _store(database, account_id, OPEN, OTHER, run_id="run-4")
    assert _rows(database)[0].missing_since is None
    _store(database, account_id, OTHER, run_id="run-5")
    assert _finish(database, account_id, "run-5") == 0


def test_the_orders_of_an_open_supply_are_read_every_time(database: Engine, account_id: int) -> None:
    _store(database, account_id, OPEN)
    _read_orders(database, account_id, NOW)
    assert _wanted(database, account_id, NOW + 30 * DAY) == ["WB-GI-1"]


def test_the_orders_of_a_closed_supply_are_read_while_it_is_lately_closed(database: Engine, account_id: int) -> None:
    _store(database, account_id, CLOSED)
    _read_orders(database, account_id, NOW + timedelta(minutes=5))
    assert _wanted(database, account_id, NOW + 6 * DAY) == ["WB-GI-1"]
    assert _wanted(database, account_id, NOW + 8 * DAY) == []


def test_the_orders_of_an_accepted_supply_are_read_once_since_it_closed_and_never_again(
    database: Engine, account_id: int
) -> None:
    _store(database, account_id, OPEN)
    _read_orders(database, account_id, NOW - timedelta(minutes=5))
    _store(database, account_id, ACCEPTED)
    assert _wanted(database, account_id, NOW + DAY) == ["WB-GI-1"]
    _read_orders(database, account_id, NOW + DAY)
    assert _wanted(database, account_id, NOW + DAY) == []


def test_a_supply_with_orders_that_are_not_found_yet_stays_wanted_for_a_month(
    database: Engine, account_id: int
) -> None:
    _store(database, account_id, ACCEPTED)
    _read_orders(database, account_id, NOW + DAY, "777")
    assert _wanted(database, account_id, NOW + 29 * DAY) == ["WB-GI-1"]
    assert _wanted(database, account_id, NOW + 31 * DAY) == []


def test_a_supply_that_was_never_read_is_wanted_however_old_it_is(database: Engine, account_id: int) -> None:
    _store(database, account_id, ACCEPTED)
    assert _wanted(database, account_id, NOW + 365 * DAY) == ["WB-GI-1"]


def test_wanted_supplies_come_in_order_of_row_so_that_a_retry_can_go_on(database: Engine, account_id: int) -> None:
    _store(database, account_id, *(SupplyFacts(external_supply_id=f"S{number}") for number in range(5)))
    with reading(database) as connection:
        first = supplies.wanted(connection, account_id, NOW, limit=2)
        rest = supplies.wanted(connection, account_id, NOW, after_row_id=first[-1].row_id)
    assert [each.external_supply_id for each in (*first, *rest)] == ["S0", "S1", "S2", "S3", "S4"]


def test_a_table_made_by_sellermind_itself_takes_every_state(database_url: str) -> None:
    """Its `status` is an ENUM that knows no open, closed or accepted."""
    engine = build_engine(database_url)
    original.install(engine)
    schema.upgrade(engine)
    for supply, status in ((OPEN, "draft"), (CLOSED, "sent"), (ACCEPTED, "delivered")):
        assert _store(engine, 5, supply) == Stored(changed=1)
        assert _store(engine, 5, supply) == Stored()
        assert [(row.id, row.status) for row in _rows(engine)] == [(2, status)]
    engine.dispose()
