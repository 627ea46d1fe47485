"""Whatever happens, after the faults stop and one more tick every column we own says what the marketplaces say.

Issue 3, point 9. Programs that ever failed stay here as examples.
"""

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import HealthCheck, Phase, example, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from sellermind.marketplaces.http import build_http_client
from sellermind.storage.engine import reading
from tests.fixtures.programs import Place, Run, Step, programs
from tests.fixtures.sandbox import Sandbox
from tests.fixtures.stage import Stage

A_QUARTER = settings().max_examples // 4
"""25 programs as hypothesis counts by itself, 200 in `make chaos`."""


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with build_http_client() as client:
        yield client


@settings(
    max_examples=A_QUARTER,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # a program that fails is short enough to be read as it is
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    on_mariadb=st.booleans(),
    seed=st.integers(0, 10_000),
    offset=st.sampled_from((0.0, -7200.0, 5400.0)),
    program=programs,
)
@example(on_mariadb=False, seed=7, offset=0.0, program=[Place("wb", 3), Run(("ReconcileWildberriesOrders",) * 2)])
def test_the_tables_say_what_the_marketplaces_say(
    *,
    on_mariadb: bool,
    seed: int,
    offset: float,
    program: list[Step],
    mariadb_migrated: Engine,
    sqlite_migrated: Engine,
    sandbox: Sandbox,
    http: httpx.Client,
) -> None:
    engine = mariadb_migrated if on_mariadb else sqlite_migrated
    stage = Stage(engine, sandbox, http, seed=seed, clock_offset=offset, open_orders=30)
    try:
        stage.settle()  # a first reading that finds nothing where there is something is a lie that stays
        for step in program:
            note(repr(step))
            stage.take(step)
        stage.settle()
        with reading(engine) as connection:
            assert stage.wrong(connection) == []
    finally:
        stage.close()
