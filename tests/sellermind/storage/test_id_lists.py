import pytest
from sqlalchemy import Engine, select

from sellermind.storage.engine import transaction
from sellermind.storage.id_lists import among
from sellermind.storage.tables.orders import wb_orders
from sellermind.storage.upsert import upsert

_ID = wb_orders.c.external_order_id
AMONG = select(_ID).where(among(_ID, "ids")).order_by(_ID)
HOSTILE = ["1", "a'b", 'a"b', "a\\", "%s", "%(ids)s", "1') OR ('1'='1", "чашка 😀", "a,b", "NULL"]


@pytest.mark.parametrize("wanted", [["1"], HOSTILE, ["2"], [], [f"{n}" for n in range(3000)]])
def test_exactly_the_rows_of_these_ids_are_found(database: Engine, account_id: int, wanted: list[str]) -> None:
    rows = [{"marketplace_account_id": account_id, "external_order_id": each} for each in HOSTILE]
    with transaction(database) as connection:
        upsert(connection, wb_orders, rows, key=("marketplace_account_id", "external_order_id"), owned=())
        found = set(connection.execute(AMONG, {"ids": wanted}).scalars())
    assert found == set(HOSTILE) & set(wanted)
