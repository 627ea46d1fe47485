"""A worker whose network is gone without a word: nobody tells the database that it will not come back."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, insert, select, text, update

from sellermind.errors import Unavailable
from sellermind.storage.engine import IDLE_TRANSACTION_TIMEOUT, build_engine, reading, transaction
from sellermind.storage.tables.syncs import api_budgets
from tests.fixtures.proxy import Proxy, proxy_to

pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


@pytest.fixture
def proxy(database: Engine) -> Iterator[Proxy]:
    with proxy_to(f"127.0.0.1:{database.url.port}") as proxy:
        yield proxy


def take(connection: Connection, tat: int) -> None:
    """Write the one row, and keep it until the transaction ends."""
    connection.execute(update(api_budgets).values(tat=tat))


def lose_in_the_middle(lost: Engine, proxy: Proxy) -> None:
    with transaction(lost) as connection:
        assert connection.execute(text("SELECT @@idle_transaction_timeout")).scalar_one() == IDLE_TRANSACTION_TIMEOUT
        connection.execute(text("SET idle_transaction_timeout = 2"))  # no test waits half a minute
        take(connection, 2)
        proxy.forget()
        take(connection, 3)


def test_a_row_that_a_lost_worker_holds_is_free_again_after_half_a_minute(database: Engine, proxy: Proxy) -> None:
    lost = build_engine(database.url.set(port=proxy.port).render_as_string(hide_password=False), statement_timeout=1)
    with transaction(database) as connection:
        connection.execute(insert(api_budgets).values(budget_key="wb:1", tat=1))
    with pytest.raises(Unavailable):
        lose_in_the_middle(lost, proxy)
    with transaction(database) as connection:  # waits for the lock, as a job would
        take(connection, 4)
    with reading(database) as connection:
        assert connection.execute(select(api_budgets.c.tat)).scalar_one() == 4
    lost.dispose()
