"""RunAgentTaskRun on a real Temporal server, both databases and the model server."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Engine
from temporalio.client import Client

from sellermind.models.agent_runs import CallState, RunStatus
from tests.fixtures.agents import COMPANY, Office, open_office
from tests.fixtures.model import ModelServer


@pytest.fixture
async def office(namespace: Client, database: Engine, model_server: ModelServer) -> AsyncIterator[Office]:
    async with open_office(namespace, database, model_server) as office:
        yield office


async def test_the_model_looks_at_real_orders_and_answers(office: Office) -> None:
    office.add_orders(office.add_account(), range(100, 103))
    office.model.script(
        {"calls": [{"name": "find_orders", "arguments": {"status": "new"}}]},
        {"text": "У вас 3 новых заказа."},
    )
    run = await office.ask("Сколько новых заказов?")
    assert (run.status, run.summary) == (RunStatus.SUCCESS, "У вас 3 новых заказа.")
    assert [kind for kind, _ in office.said(run)] == ["system", "user", "model", "tool", "model"]
    (call,) = office.calls(run)
    assert (call.state, call.attempts) == (CallState.SUCCEEDED, 1)
    assert '"total": 3' in (call.result or "")
    assert [row.outcome for row in office.usage()] == ["answered", "answered"]
    assert {(row.company_id, row.model, row.agent_task_run_id) for row in office.usage()} == {
        (COMPANY, "gpt-4o-mini-2024-07-18", run.id)
    }
    assert run.spent.cost_micros == sum(row.cost_micros for row in office.usage()) > 0
