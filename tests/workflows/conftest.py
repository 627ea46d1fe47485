"""Whole runs are tried on MariaDB: where the two databases differ, tests/sellermind/storage holds it on both."""

import pytest
from sqlalchemy import Engine


@pytest.fixture(params=["mariadb"])
def database(request: pytest.FixtureRequest) -> Engine:
    """A database with our tables and no rows, of the kind that production has."""
    engine: Engine = request.getfixturevalue(f"{request.param}_database")
    return engine
