"""How long an agent's history gets, how it goes on in a new execution, and what going back into it means."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHistory

from schedules import agents as starts
from sellermind.models.agent_records import Run
from sellermind.models.agent_runs import CallState, RunStatus
from sellermind.models.agents import RunBudget
from sellermind.storage.tables.agents import agent_messages
from tests.fixtures.agents import Office, calling, open_office
from tests.fixtures.model import ModelServer
from tests.fixtures.temporal import short_histories

PATIENT = RunBudget(steps=100, tool_calls=100, tokens_input=10**9, tokens_output=10**9, micros=10**9)
pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


@pytest.fixture
async def office(namespace: Client, database: Engine, model_server: ModelServer) -> AsyncIterator[Office]:
    async with open_office(namespace, database, model_server) as office:
        yield office


async def long_run(office: Office, steps: int) -> Run:
    """A run of so many steps, each with a result of several kilobytes."""
    office.add_orders(office.add_account(), range(30))
    days = (str(date(2026, 1, 1) + timedelta(days=day)) for day in range(1, steps))
    office.model.script(*(calling("find_orders", limit=30, since=day) for day in days), {"text": "ok"})
    return await office.ask("Сколько заказов?", budget=PATIENT)


def payload_sizes(history: WorkflowHistory) -> list[int]:
    """Every payload's size in bytes, whichever event holds it."""
    sizes = []
    for event in history.events:
        attributes = getattr(event, str(event.WhichOneof("attributes")))
        for _, value in attributes.ListFields():
            sizes += [len(payload.data) for payload in getattr(value, "payloads", ())]
    return sizes


@pytest.mark.parametrize(("steps", "most"), [(20, 60_000), (60, 160_000)])
async def test_a_history_grows_by_references_not_by_texts(office: Office, steps: int, most: int) -> None:
    run = await long_run(office, steps)
    assert (run.status, run.spent.steps) == (RunStatus.SUCCESS, steps)
    history = await starts.handle(office.client, run.id).fetch_history()
    size = sum(event.ByteSize() for event in history.events)
    assert size <= most, f"{size} bytes, {len(history.events)} events"
    assert max(payload_sizes(history)) <= 64_000
    assert sum(len(message.content) for message in office.messages(run)) > size
    assert "Сколько" not in history.to_json()


async def test_a_long_turn_goes_on_in_new_executions_and_no_step_is_taken_twice(
    database: Engine, model_server: ModelServer
) -> None:
    async with short_histories(events=70) as client, open_office(client, database, model_server) as office:
        run = await long_run(office, 20)
        await office.say(run, "И ещё вопрос", "second")
        await starts.handle(office.client, run.id).result()
        executions = [each async for each in office.client.list_workflows(f'WorkflowId="agent-run/{run.id}"')]
    assert len(executions) >= 4
    steps = [(m.turn, m.step) for m in office.messages(run) if m.kind == "model"]
    assert steps == [(1, step) for step in range(1, 21)] + [(2, 1)]
    assert office.model.stats()["paid"] == 21
    assert {call.attempts for call in office.calls(run)} == {1}


async def test_going_back_to_a_step_supersedes_what_followed_and_repeats_no_tool_before_it(office: Office) -> None:
    product = office.add_product()
    office.model.script(
        calling("product_context", product_id=product), calling("account_health"), {"text": "Старый конец."}
    )
    run = await office.ask("Вопрос")
    office.model.script(calling("account_health"), {"text": "Новый конец."})
    await go_back(office, run, step=2)
    await starts.handle(office.client, run.id).result()
    assert office.run(run.id).summary == "Новый конец."
    assert [(call.call_id, call.state, call.attempts) for call in office.calls(run)] == [
        ("1.1.1", CallState.SUCCEEDED, 1),
        ("1.2.1", CallState.SUCCEEDED, 1),
        ("1.2.1b1", CallState.SUCCEEDED, 1),
    ]
    kept = [row.content for row in office.rows(agent_messages) if row.superseded_at is not None]
    assert "Старый конец." in kept
    assert [kind for kind, _ in office.said(run)] == ["system", "user", "model", "tool", "model", "tool", "model"]


async def go_back(office: Office, run: Run, step: int) -> None:
    """Reset the workflow to where it asked the model for a step, as `temporal workflow reset` does."""
    handle = starts.handle(office.client, run.id)
    asked = [
        event.activity_task_scheduled_event_attributes.workflow_task_completed_event_id
        async for event in handle.fetch_history_events()
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        and event.activity_task_scheduled_event_attributes.activity_type.name == "ask_agent_model"
    ]
    await office.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=office.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=handle.id, run_id=(await handle.describe()).run_id),
            reason="another answer",
            workflow_task_finish_event_id=asked[step - 1],
            request_id=str(uuid4()),
        )
    )
