"""A company's day: what a step holds is given back once, and every answer counts, even one that comes too late."""

import pytest
from sqlalchemy import Engine, select

from sellermind.models.language import ModelAnswer, Provider, TokenUsage
from sellermind.models.usage import Amount, Payer
from sellermind.storage import ai_budgets, usage
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.usage import ai_budgets as days
from sellermind.storage.tables.usage import ai_usage_logs

STEP = "agent-run/1/x/2"
HELD = Amount(micros=500, tokens=100)
USED = Amount(micros=30, tokens=7)


@pytest.fixture
def begun(database: Engine) -> Engine:
    with transaction(database) as connection:
        ai_budgets.reserve(connection, 7, STEP, HELD, Amount(micros=1000, tokens=1000))
        usage.begin(connection, Payer(company_id=7), f"{STEP}#1", "m")
    return database


def day(engine: Engine) -> tuple[int, int, int, int]:
    with reading(engine) as connection:
        row = connection.execute(select(days)).one()
    return row.reserved_micros, row.reserved_tokens, row.spent_micros, row.spent_tokens


def test_what_a_step_holds_is_given_back_once_and_every_answer_of_it_counts(begun: Engine) -> None:
    for _ in range(2):  # an attempt whose worker was given up for lost answers after its successor did
        with transaction(begun) as connection:
            ai_budgets.settle(connection, STEP, USED)
    assert day(begun) == (0, 0, 60, 14)


def test_a_lost_call_is_noted_and_its_late_answer_is_entered_all_the_same(begun: Engine) -> None:
    with transaction(begun) as connection:
        usage.begin(connection, Payer(company_id=7), "agent-run/10/x/2#1", "m")
        assert usage.lose(connection, "agent-run/1/") == {STEP}
        assert usage.lose(connection, "agent-run/1/") == set()
    outcomes = select(ai_usage_logs.c.outcome).order_by(ai_usage_logs.c.id)
    with transaction(begun) as connection:
        assert list(connection.scalars(outcomes)) == ["lost", "asked"]
        answer = ModelAnswer(provider=Provider.OPENAI, model="m-1", finish="stop", usage=TokenUsage(input=5, output=2))
        usage.finish(connection, f"{STEP}#1", answer, 30)
        assert list(connection.scalars(outcomes)) == ["answered", "asked"]
