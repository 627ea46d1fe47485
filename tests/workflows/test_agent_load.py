"""Many at once: messages to few runs, and runs on one company's budget."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from temporalio.client import Client

from schedules import agents as starts
from sellermind.models.agent_runs import RunStatus
from sellermind.models.agents import RunBudget
from sellermind.storage.tables.usage import ai_reservations
from tests.fixtures.agents import Office, open_office
from tests.fixtures.model import ModelServer
from tests.fixtures.patience import until

RUNS = 5
MESSAGES = 30
pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


@pytest.fixture
async def office(namespace: Client, database: Engine, model_server: ModelServer) -> AsyncIterator[Office]:
    async with open_office(namespace, database, model_server, ai_daily_usd=Decimal("0.002")) as office:
        yield office


async def test_of_150_messages_at_once_to_5_runs_none_is_lost_and_none_answered_twice(office: Office) -> None:
    helper = office.hire(tools=(), models=("free-model",))
    runs = [
        office.task(f"Первый вопрос {n}", helper, budget=RunBudget(steps=100, active_seconds=9000)) for n in range(RUNS)
    ]
    await asyncio.gather(
        *(office.start(run) for run in runs),
        *(office.say(run, f"Вопрос {n} бегу {run.id}", f"ref-{n}") for n in range(MESSAGES) for run in runs),
    )
    all_said = 2 * (MESSAGES + 1) + 1
    await until(lambda: all(len(office.messages(run)) == all_said for run in runs), "all are answered")
    for run in runs:
        await starts.handle(office.client, run.id).result()
        said = office.messages(run)
        assert sorted(m.ref for m in said if m.kind == "user") == sorted(
            [f"task:{run.task_id}", *(f"ref-{n}" for n in range(MESSAGES))]
        )
        assert [m.kind for m in said] == ["system", *["user", "model"] * (MESSAGES + 1)]
        assert office.run(run.id).status is RunStatus.SUCCESS
    assert office.model.stats()["paid"] == RUNS * (MESSAGES + 1)


async def test_twenty_runs_at_once_never_spend_more_than_their_company_s_day(office: Office) -> None:
    helper = office.hire(tools=(), max_tokens=500)
    office.model.reset(latency_ms=100)
    office.model.script({"text": "слово " * 150, "count": None})
    runs = [office.task(f"Вопрос {n}", helper) for n in range(20)]
    handles = await asyncio.gather(*(office.start(run) for run in runs))
    await asyncio.gather(*(handle.result() for handle in handles))
    ended = [office.run(run.id).status for run in runs]
    assert set(ended) == {RunStatus.SUCCESS, RunStatus.BUDGET_EXCEEDED}
    day = office.budget()
    assert day.spent_micros <= 2000
    assert (day.reserved_micros, day.reserved_tokens) == (0, 0)
    assert day.spent_micros == sum(row.cost_micros for row in office.usage())
    assert len(office.usage()) == len(office.rows(ai_reservations)) == ended.count(RunStatus.SUCCESS)
