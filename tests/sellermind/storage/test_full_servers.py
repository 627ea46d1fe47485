"""A MariaDB server that takes nothing for a while is worth another try."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, insert, text
from sqlalchemy.engine import make_url

from sellermind.errors import Unavailable
from sellermind.storage import schema
from sellermind.storage.engine import build_engine, transaction
from sellermind.storage.tables.syncs import api_budgets
from tests.fixtures.database import MariaDbProcess


@pytest.fixture
def root(own_mariadb: MariaDbProcess) -> Iterator[Engine]:
    """The server's administrator, with a connection that is open already."""
    engine = create_engine(own_mariadb.server.url, isolation_level="AUTOCOMMIT")
    engine.connect().close()
    yield engine
    engine.dispose()


@pytest.fixture
def shop(own_mariadb: MariaDbProcess, root: Engine) -> Iterator[Engine]:
    """Our tables for a user like any other: an administrator is above read_only."""
    url = own_mariadb.server.create_database()
    migrated = build_engine(url)
    schema.upgrade(migrated)
    migrated.dispose()
    do(root, "CREATE USER shop@'127.0.0.1'", f"GRANT ALL ON {make_url(url).database}.* TO shop@'127.0.0.1'")
    engine = build_engine(make_url(url).set(username="shop").render_as_string(hide_password=False))
    yield engine
    engine.dispose()


def do(root: Engine, *statements: str) -> None:
    with root.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


def write(engine: Engine, key: str) -> None:
    with transaction(engine) as connection:
        connection.execute(insert(api_budgets).values(budget_key=key, tat=0))


def test_a_server_that_is_read_only_in_a_failover_is_worth_another_try(shop: Engine, root: Engine) -> None:
    write(shop, "before")
    do(root, "SET GLOBAL read_only = 1")
    with pytest.raises(Unavailable, match="code 1290"):
        write(shop, "during")
    do(root, "SET GLOBAL read_only = 0")
    write(shop, "after")
