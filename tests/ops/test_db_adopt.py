"""`sellermind db adopt`: what SellerMind's own database lacks, what stands in the way, and then all of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, inspect, select, text, update

from sellermind.models.schema_changes import How
from sellermind.settings import CHECKOUT
from sellermind.storage import schema
from sellermind.storage.engine import build_engine
from tests.fixtures.command_line import Ran, clean_environment, in_process
from tests.fixtures.json_page import SHAPES, alike
from tests.sellermind.storage import original


@dataclass(frozen=True)
class Live:
    """SellerMind's database, and the verb on it."""

    engine: Engine
    url: str

    def adopt(self, *options: str) -> Ran:
        """Type it."""
        return in_process("db", "adopt", *options, environment=clean_environment(SELLERMIND_DATABASE_URL=self.url))

    def rows(self) -> list[Any]:
        """All that SellerMind has stored."""
        with self.engine.connect() as connection:
            return [connection.execute(select(table)).all() for table in original.ORIGINAL.sorted_tables]

    def looks(self) -> str:
        """The whole schema, as the server tells it."""
        with self.engine.connect() as connection:
            names = inspect(connection).get_table_names()
            return "\n".join(str(connection.execute(text(f"SHOW CREATE TABLE {name}")).one()) for name in sorted(names))


@pytest.fixture
def live(mariadb_url: str) -> Iterator[Live]:
    """One account, one order, its item, and a supply."""
    engine = build_engine(mariadb_url)
    original.install(engine)
    yield Live(engine, mariadb_url)
    engine.dispose()


def columns(changes: list[dict[str, str]]) -> set[tuple[str, str, str]]:
    return {(change["kind"], change["table"], change["name"]) for change in changes}


def test_the_report_names_what_is_added_and_what_it_costs_and_changes_nothing(live: Live) -> None:
    before = live.looks()
    report = live.adopt("--dry-run", "--json").json
    assert report["status"] == "to adopt"
    assert alike(SHAPES["db adopt --dry-run --json"], report)
    assert columns(report["changes"]) >= {
        ("table", "sync_cursors", ""),
        ("column", "wb_orders", "status_read_at"),
        ("unique key", "supplies", "supplies_acc_ext_unique"),
        ("index", "wb_orders", "wb_orders_acc_supply_idx"),
    }
    copies = {(one["table"], one["name"]) for one in report["changes"] if one["how"] == How.COPIED}
    assert copies == {("wb_orders", "price"), ("wb_orders", "scan_price"), ("generation_tasks", "status")}
    assert "marketplace_polling_states" not in str(report["changes"])
    assert live.looks() == before


def test_without_a_yes_nothing_happens(live: Live) -> None:
    before = live.looks()
    ran = live.adopt()
    assert (ran.code, "--yes" in ran.err) == (5, True)
    assert "unique key" in ran.out
    assert live.looks() == before


def test_the_sql_of_the_dry_run_makes_what_the_adoption_makes(live: Live, mariadb_server: Any) -> None:
    printed = live.adopt("--dry-run").out
    assert "ADD COLUMN status_read_at DATETIME(6), LOCK=NONE;" in printed
    by_hand = build_engine(mariadb_server.create_database())
    original.install(by_hand)
    with by_hand.begin() as connection:
        for statement in printed.split(";"):
            bare = "\n".join(line for line in statement.splitlines() if not line.lstrip().startswith("--"))
            if bare.split("--")[0].strip():
                connection.exec_driver_sql(bare)
    assert live.adopt("--yes").code == 0
    assert Live(by_hand, "").looks() == live.looks()
    schema.check(by_hand)
    by_hand.dispose()
    mariadb_server.drop_database(by_hand.url.render_as_string(hide_password=False))


def test_every_duplicate_and_odd_row_is_told_with_what_to_do_and_refuses_it(live: Live) -> None:
    original.spoil(live.engine)
    before = live.looks()
    ran = live.adopt("--yes", "--json")
    assert (ran.code, ran.json["status"]) == (1, "refused")
    assert "supplies, tares, wb_order_items" in ran.err
    found = {one["table"]: one for one in ran.json["duplicates"]}
    assert {name: (one["groups"], one["surplus"]) for name, one in found.items()} == {
        "wb_order_items": (1, 2),
        "supplies": (1, 1),
        "tares": (1, 1),
    }
    assert "tares.supply_id" in found["supplies"]["remedy"]
    with live.engine.connect() as connection:
        listed = connection.exec_driver_sql(found["wb_order_items"]["query"]).all()
    assert [row[:2] for row in listed] == [(1, 1), (1, 2), (1, 3)]
    odd = {(one["table"], one["what"]): one["rows"] for one in ran.json["odd_rows"]}
    assert odd == {
        ("wb_orders", "external_order_id is no number"): 1,
        ("marketplace_accounts", "of another marketplace"): 1,
        ("marketplace_accounts", "without a token"): 1,
        ("marketplace_accounts", "with a token that no configured key opens"): 1,
    }
    for said in (live.adopt("--yes").out, live.adopt("--dry-run").err):
        assert "supplies" in said
    assert live.looks() == before


def test_as_its_remedies_say_the_duplicates_go_and_the_rest_stays_untouched(live: Live) -> None:
    original.spoil(live.engine)
    with live.engine.begin() as connection:
        connection.execute(update(original.tares).where(original.tares.c.supply_id == 3).values(supply_id=2))
        connection.execute(delete(original.supplies).where(original.supplies.c.id == 3))
        connection.execute(delete(original.tares).where(original.tares.c.id == 2))
        connection.execute(delete(original.items).where(original.items.c.id.in_((2, 3))))
    before = live.rows()
    ran = live.adopt("--yes", "--json")
    assert (ran.code, ran.json["status"]) == (0, "adopted")
    assert live.rows() == before
    schema.check(live.engine)
    log = (CHECKOUT / "var" / "audit.log").read_text().splitlines()
    audited = [json.loads(line) for line in log if live.url in line]
    assert [(one["verb"], one["changes"]) for one in audited] == [("db adopt", len(ran.json["changes"]))]


def test_the_server_does_it_as_the_report_said_it_would_and_a_second_time_there_is_nothing(live: Live) -> None:
    planned = live.adopt("--dry-run", "--json").json["changes"]
    assert live.adopt("--yes", "--json").json["changes"] == planned
    ran = live.adopt("--yes")
    assert (ran.code, ran.out) == (0, "Nothing to add: the database is at this code's revision.\n")
    assert live.adopt("--json").json["status"] == "adopted"


def test_after_a_crash_half_way_it_adds_the_rest(live: Live) -> None:
    planned = live.adopt("--dry-run", "--json").json["changes"]
    done = [change for change in planned if change["kind"] != "revision"][:40]
    with live.engine.begin() as connection:
        for change in done:
            connection.exec_driver_sql(change["sql"])
    rest = live.adopt("--yes", "--json").json["changes"]
    assert [change for change in rest if change in done] == []
    assert len(rest) == len(planned) - len(done)
    schema.check(live.engine)


def test_a_table_that_somebody_holds_does_not_make_everybody_wait(live: Live) -> None:
    """Who waits for a table's schema stands before all who want the table after it: so it waits 5 s at most."""
    with live.engine.begin() as holder:
        holder.execute(select(original.accounts)).all()
        ran = live.adopt("--yes")
        assert (ran.code, "busy" in ran.err) == (4, True)
    assert live.adopt("--yes").code == 0


def test_a_table_that_cannot_be_changed_online_is_changed_all_the_same_and_told(live: Live) -> None:
    with live.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE marketplace_sync_logs DROP FOREIGN KEY marketplace_sync_logs_ibfk_1")
        connection.exec_driver_sql("ALTER TABLE marketplace_sync_logs ENGINE=MyISAM")
    changes = live.adopt("--yes", "--json").json["changes"]
    how = {change["how"] for change in changes if change["table"] == "marketplace_sync_logs"}
    assert How.COPIED in how


def test_where_there_is_nothing_to_adopt_it_names_db_upgrade(database_url: str, tmp_path: Path) -> None:
    ran = in_process("db", "adopt", environment=clean_environment(SELLERMIND_DATABASE_URL=database_url))
    assert (ran.code, "`sellermind db upgrade`" in ran.out) == (0, True)
    assert not (tmp_path / "sellermind.db").exists()
