from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from sellermind.storage.engine import reading, transaction
from sellermind.storage.fitting import misfit
from sellermind.storage.tables.orders import wb_orders

FITTING: list[tuple[str, Any]] = [
    ("article", "я" * 255),
    ("article", "😀" * 255),
    ("nm_id", 2**63 - 1),
    ("nm_id", -(2**63)),
    ("cargo_type", 2**31 - 1),
    ("total_amount", Decimal("999999999999.99")),
    ("raw_payload", {"price": 1.5, "name": "Чашка 😀", "list": [None, True]}),
    ("office", None),
]
TOO_BIG: list[tuple[str, Any]] = [
    ("article", "я" * 256),
    ("external_order_id", "1" * 256),
    ("nm_id", 2**63),
    ("cargo_type", 2**31),
    ("total_amount", Decimal("1000000000000.00")),
    ("total_amount", Decimal("NaN")),
    ("article", "half a \ud83d pair"),
    ("raw_payload", {"text": "half a \ud83d pair"}),
    ("raw_payload", {"price": float("nan")}),
]


@pytest.mark.parametrize(("column", "value"), FITTING)
def test_what_fits_is_taken_by_the_database_as_it_is(
    database: Engine, account_id: int, column: str, value: Any
) -> None:
    row = {"marketplace_account_id": account_id, "external_order_id": "1", column: value}
    assert misfit(wb_orders, row) is None
    with transaction(database) as connection:
        connection.execute(insert(wb_orders).values(**row))
    with reading(database) as connection:
        assert connection.execute(select(wb_orders.c[column])).scalar_one() == value


@pytest.mark.parametrize(("column", "value"), TOO_BIG)
def test_what_the_database_would_refuse_is_named_by_its_column(column: str, value: Any) -> None:
    assert misfit(wb_orders, {column: value}) == f"{column} does not fit its column"
