from typing import Any

from sqlalchemy import Connection, Engine, select

from sellermind.storage.engine import transaction
from sellermind.storage.tables.orders import wb_orders
from sellermind.storage.tables.syncs import api_budgets
from sellermind.storage.upsert import ROWS_PER_STATEMENT, upsert

KEY = ("marketplace_account_id", "external_order_id")


def _row(account_id: int, order_id: str, **values: Any) -> dict[str, Any]:
    return {"marketplace_account_id": account_id, "external_order_id": order_id, **values}


def _read(connection: Connection, *names: str) -> list[tuple[Any, ...]]:
    columns = (wb_orders.c[name] for name in ("external_order_id", *names))
    return [tuple(row) for row in connection.execute(select(*columns).order_by(wb_orders.c.external_order_id))]


def test_a_new_row_is_inserted_and_a_known_one_gets_its_owned_columns_only(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        first = [_row(account_id, "1", article="a", status="new"), _row(account_id, "2", article="b", status="new")]
        upsert(connection, wb_orders, first, key=KEY, owned=("article",))
        again = [_row(account_id, "2", article="B", status="x"), _row(account_id, "3", article="c", status="new")]
        upsert(connection, wb_orders, again, key=KEY, owned=("article",))
        assert _read(connection, "article", "status") == [("1", "a", "new"), ("2", "B", "new"), ("3", "c", "new")]


def test_a_source_that_owns_nothing_leaves_known_rows_as_they_are(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        upsert(connection, wb_orders, [_row(account_id, "1", article="a")], key=KEY, owned=())
        upsert(connection, wb_orders, [_row(account_id, "1", article="z")], key=KEY, owned=())
        assert _read(connection, "article") == [("1", "a")]


def test_no_rows_are_no_statement(database: Engine) -> None:
    with transaction(database) as connection:
        upsert(connection, wb_orders, [], key=KEY, owned=())


def test_more_rows_than_one_statement_takes_are_all_written(database: Engine, account_id: int) -> None:
    count = 2 * ROWS_PER_STATEMENT + 1
    rows = [_row(account_id, str(number), raw_payload={"n": number}, is_b2b=False) for number in range(count)]
    with transaction(database) as connection:
        upsert(connection, wb_orders, rows, key=KEY, owned=("raw_payload",))
        assert len(_read(connection)) == count


def test_mariadb_gets_many_rows_in_one_statement(mariadb_migrated: Engine) -> None:
    """PyMySQL falls back to a statement a row, many times slower, where it does not recognise the upsert."""
    rows = [{"budget_key": f"k{number}", "tat": number} for number in range(200)]
    with transaction(mariadb_migrated) as connection:
        before = _questions(connection)
        upsert(connection, api_budgets, rows, key=("budget_key",), owned=("tat",))
        asked = _questions(connection) - before
        connection.execute(api_budgets.delete())
    assert asked == 2


def _questions(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Questions'").one()[1])
