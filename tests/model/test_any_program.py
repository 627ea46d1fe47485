"""Whatever happens, after the faults stop and one more tick every column we own says what the marketplaces say.

A program that fails is printed as the line to add to `failed_programs.py`, which is run ever after.
"""

from collections import Counter
from collections.abc import Callable, Iterator

import httpx
import pytest
from hypothesis import HealthCheck, Phase, example, given, note, settings
from sqlalchemy import Engine

from sellermind.marketplaces.http import build_http_client
from sellermind.storage.engine import reading
from tests.fixtures.attempts import Forkers
from tests.fixtures.failed_programs import FAILED
from tests.fixtures.programs import Program, programs
from tests.fixtures.sandbox import Sandbox
from tests.fixtures.stage import Stage

A_QUARTER = settings().max_examples // 4
"""25 programs as hypothesis counts by itself, 200 in `make chaos`."""


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with build_http_client() as client:
        yield client


@pytest.fixture
def tally(figure: Callable[[str], None]) -> Iterator[Counter[str]]:
    """Counts what happened in all programs together."""
    found: Counter[str] = Counter()
    yield found
    figure(", ".join(f"{count} {what}" for what, count in found.most_common()))


def with_failed(test: Callable[..., None]) -> Callable[..., None]:
    for program in FAILED:
        test = example(program=program)(test)
    return test


@pytest.mark.timeout(A_QUARTER * 120)  # seconds; a program takes two on an idle machine
@settings(
    max_examples=A_QUARTER,
    phases=[Phase.explicit, Phase.generate],  # a program that fails is short enough to be read as it is
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(program=programs)
@with_failed
def test_the_tables_say_what_the_marketplaces_say(
    *,
    program: Program,
    mariadb_migrated: Engine,
    sqlite_migrated: Engine,
    sandbox: Sandbox,
    http: httpx.Client,
    forkers: Forkers,
    tally: Counter[str],
) -> None:
    note(f"To keep it, add to tests/fixtures/failed_programs.py:\n    {program!r},")
    engine = mariadb_migrated if program.on_mariadb else sqlite_migrated
    stage = Stage(engine, sandbox, http, forkers, program, open_orders=30)
    try:
        stage.settle()  # a first reading that finds nothing where there is something is a lie that stays
        assert wrong(stage) == [], "before anything happened"
        for step in program.steps:
            stage.take(step)
        stage.settle()
        assert wrong(stage) == []
        stage.wake()
        assert wrong(stage) == [], "after the frozen workers have woken up"
    finally:
        tally.update(stage.happened)
        tally["programs"] += 1
        stage.close()


def wrong(stage: Stage) -> list[str]:
    with reading(stage.engine) as connection:
        return stage.wrong(connection)
