"""The comparison that decides how the demo ends sees every way in which a table can differ."""

from typing import Any

import pytest

from ops.demo.comparison import FOLLOWING, LISTED, compare, told
from sellermind.marketplaces.wildberries_orders import read_order
from sellermind.models.orders import OrderFacts
from tests.fixtures.sandbox import Sandbox


@pytest.fixture
def truth(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Three orders as the sandbox tells them."""
    sandbox.make_orders("0", 3)
    orders: list[dict[str, Any]] = sandbox.truth("0")["orders"]
    return orders


@pytest.fixture
def table(truth: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The same orders as our client reads them and the table holds them."""
    facts = [read_order(order)[1]._asdict() for order in truth]
    return {row["external_order_id"]: row | {"warehouse_id": str(row["warehouse_id"])} for row in facts}


def test_equal_orders_have_no_differences(truth: list[dict[str, Any]], table: dict[str, dict[str, Any]]) -> None:
    compared = compare("Anna", truth, table)
    assert (compared.at_marketplace, compared.in_table, list(compared.differences)) == (3, 3, [])
    assert told([compared]) == "Anna: 3 orders at the marketplace, 3 in the table, 0 differences"


def test_every_column_of_a_listing_is_compared() -> None:
    assert set(LISTED) == set(OrderFacts._fields) - {"external_order_id", "raw_payload"}


@pytest.mark.parametrize("column", LISTED)
def test_a_differing_column_is_named_with_both_values(
    truth: list[dict[str, Any]], table: dict[str, dict[str, Any]], column: str
) -> None:
    order_id = str(truth[1]["id"])
    table[order_id] |= {column: "spoiled"}
    (difference,) = compare("Anna", truth, table).differences
    assert str(difference).startswith(f"Anna: order {order_id}: {column} is 'spoiled', the marketplace says ")


def test_statuses_and_supply_links_are_compared_where_their_syncs_run(
    truth: list[dict[str, Any]], table: dict[str, dict[str, Any]]
) -> None:
    read = {"wb_status": "waiting", "wb_supplier_status": "new", "supply_id": None}
    followed = {order_id: row | read for order_id, row in table.items()}
    assert compare("Anna", truth, followed, FOLLOWING).differences == []
    followed[str(truth[2]["id"])] |= {"wb_status": None}
    (difference,) = compare("Anna", truth, followed, FOLLOWING).differences
    assert difference.what == "wb_status is None, the marketplace says 'waiting'"


def test_missing_and_invented_orders_are_named(truth: list[dict[str, Any]], table: dict[str, dict[str, Any]]) -> None:
    missing = str(truth[0]["id"])
    table["42"] = table.pop(missing)
    assert [str(one) for one in compare("Anna", truth, table).differences] == [
        f"Anna: order {missing}: missing in the table",
        "Anna: order 42: never existed",
    ]
