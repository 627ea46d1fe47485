"""What takes days or minutes, on the time-skipping server: approvals that expire, models that fail, their stand-ins."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Engine
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from sellermind.models.agent_records import Run
from sellermind.models.agent_runs import CallState, RunStatus
from sellermind.models.agents import RunBudget
from sellermind.models.language import ModelServer as ModelEntry
from tests.fixtures.agents import TEXT, Office, calling, open_office
from tests.fixtures.model import ModelServer

CHAIN = ("gpt-4o-mini", "claude-haiku-4-5")
pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


@pytest.fixture
async def office(
    time_skipping: WorkflowEnvironment, database: Engine, model_server: ModelServer
) -> AsyncIterator[Office]:
    async with open_office(time_skipping.client, database, model_server, skipping=True) as office:
        yield office


async def ended(office: Office, text: str = "Вопрос", models: tuple[str, ...] = CHAIN) -> Run:
    """Run a question to its end with a chain of models."""
    run = office.task(text, office.hire(models=models))
    await (await office.start_plainly(run)).result()
    return office.run(run.id)


async def failure(office: Office, models: tuple[str, ...] = CHAIN) -> str | None:
    """The type of the failure that a run ends with."""
    with pytest.raises(WorkflowFailureError) as failed:
        await ended(office, models=models)
    assert isinstance(failed.value.cause, ApplicationError)
    return failed.value.cause.type


async def test_an_approval_that_nobody_gives_expires_after_three_days_and_the_model_is_told(office: Office) -> None:
    product = office.add_product()
    office.model.script(calling("save_description", product_id=product, **TEXT), {"text": "Не сохранено."})
    run = await ended(office)
    assert (run.status, run.summary) == (RunStatus.SUCCESS, "Не сохранено.")
    assert [call.state for call in office.calls(run)] == [CallState.EXPIRED]
    assert office.descriptions() == []
    assert '"error": "expired"' in str(office.model.requests()[-1]["body"])


@pytest.mark.parametrize(
    ("fault", "asked"),
    [("overloaded", 6), ("server-error", 6), ("rate-limit", 6), ("quota", 1), ("reset", 6), ("not-json", 6)],
)
async def test_a_model_that_fails_gives_way_to_the_next_one(office: Office, fault: str, asked: int) -> None:
    office.model.fault(fault, model="gpt-4o-mini", count=None)
    run = await ended(office)
    assert run.status is RunStatus.SUCCESS
    outcomes = [row.outcome for row in office.usage()]
    assert (len(outcomes), outcomes[-1]) == (asked + 1, "answered")
    assert office.usage()[-1].model.startswith("claude-haiku-4-5")
    assert run.spent.steps == 1


@pytest.mark.parametrize(("fault", "kind"), [("unauthorized", "LlmAuth"), ("bad-request", "LlmBadRequest")])
async def test_a_wrong_key_or_request_is_tried_once_and_with_no_other_model(
    office: Office, fault: str, kind: str
) -> None:
    office.model.fault(fault, count=None)
    assert await failure(office) == kind
    assert office.model.stats()["calls"] == 1


async def test_when_every_model_fails_the_run_says_why(office: Office) -> None:
    office.model.fault("overloaded", count=None)
    assert await failure(office) == "LlmOverloaded"
    assert office.model.stats()["calls"] == 12


async def test_a_cut_answer_is_asked_again_with_more_room_and_its_calls_never_run(office: Office) -> None:
    office.model.script({**calling("account_health"), "ending": "length"}, {"text": "Теперь целиком."})
    run = await ended(office)
    assert (run.summary, office.calls(run)) == ("Теперь целиком.", [])
    assert [r["body"]["max_tokens"] for r in office.model.requests()] == [1500, 3000]
    office.model.script({"text": "Снова", "ending": "length", "count": 2})
    assert await failure(office) == "LlmTruncated"


async def test_a_transcript_that_is_too_long_is_cut_once_then_the_next_model_is_asked(office: Office) -> None:
    office.add_orders(office.add_account(), range(50))
    lines = [calling("find_orders", limit=50, page=page) for page in range(1, 8)]
    office.model.script(*lines, {"text": "Готово."})
    office.model.fault("context", after=7)
    run = await ended(office)
    assert run.summary == "Готово."
    whole, cut = (len(str(request["body"])) for request in office.model.requests()[-2:])
    assert cut < whole
    office.model.fault("context", model="gpt-4o-mini", count=None)
    office.model.script({"text": "Другая модель.", "model": "claude-haiku-4-5"})
    assert (await ended(office)).summary == "Другая модель."


async def test_an_invalid_answer_is_told_to_the_model_and_three_in_a_row_end_its_turn(office: Office) -> None:
    office.model.fault("empty", model="gpt-4o-mini", count=None)
    run = await ended(office)
    assert run.status is RunStatus.SUCCESS
    assert [m.ref for m in office.messages(run) if m.kind == "notice"] == ["invalid", "invalid"]
    assert office.usage()[-1].model.startswith("claude-haiku-4-5")
    assert await failure(office, ("gpt-4o-mini",)) == "LlmInvalidOutput"


async def test_a_refusal_of_the_model_is_no_success(office: Office) -> None:
    office.model.fault("content-filter", count=None)
    assert await failure(office) == "LlmContentFilter"


async def test_the_model_that_stood_in_stays_for_the_rest_of_the_turn(office: Office) -> None:
    office.model.fault("quota", model="gpt-4o-mini", count=None)
    office.model.script(calling("account_health"), calling("find_orders"), {"text": "Готово."})
    assert (await ended(office)).status is RunStatus.SUCCESS
    assert [row.outcome for row in office.usage()] == ["LlmQuotaExhausted", "answered", "answered", "answered"]


async def test_a_call_that_could_cost_more_than_the_run_has_left_is_not_made(office: Office) -> None:
    run = office.task("Вопрос", office.hire(models=CHAIN), budget=RunBudget(micros=100))
    await (await office.start_plainly(run)).result()
    assert office.run(run.id).status is RunStatus.BUDGET_EXCEEDED
    assert office.model.stats()["calls"] == 0


async def test_a_transcript_is_shortened_before_it_fills_the_model_s_context(
    time_skipping: WorkflowEnvironment, database: Engine, model_server: ModelServer
) -> None:
    entries = {"gpt-4o-mini": ModelEntry(mode="tools", context_tokens=14_000)}
    async with open_office(time_skipping.client, database, model_server, skipping=True, models=entries) as office:
        office.add_orders(office.add_account(), range(50))
        office.model.script(calling("find_orders", limit=2), calling("find_orders", limit=50), {"text": "Пятьдесят."})
        run = await ended(office, models=("gpt-4o-mini",))
    assert run.summary == "Пятьдесят."
    results = [[m["content"] for m in r["body"]["messages"] if m["role"] == "tool"] for r in office.model.requests()]
    assert [len(result) for result in results] == [0, 1, 2]
    assert "the rest is left out" not in str(results[1])
    assert "the rest is left out" in results[2][1]
    assert len(results[2][1]) < 2200
    assert [row.outcome for row in office.usage()] == ["answered"] * 3
