"""Agents, tasks and runs that SellerMind's application made are taken as they are."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, Table, insert, update
from temporalio.client import Client

from sellermind.errors import Refused
from sellermind.models.agent_records import Run
from sellermind.models.agent_runs import RunStatus
from sellermind.storage import agent_runs, agent_turns
from sellermind.storage.engine import transaction
from sellermind.storage.tables.agents import agent_messages, agent_task_runs, agent_tasks, agent_versions, agents
from tests.fixtures.agents import COMPANY, Office, calling, open_office
from tests.fixtures.model import ModelServer


@pytest.fixture
async def office(namespace: Client, database: Engine, model_server: ModelServer) -> AsyncIterator[Office]:
    async with open_office(namespace, database, model_server) as office:
        yield office


def add(office: Office, table: Table, **row: Any) -> int:
    with transaction(office.engine) as connection:
        return int(connection.execute(insert(table).values(**row)).lastrowid)


def made_elsewhere(office: Office, company_id: int | None = COMPANY) -> int:
    """An agent, its task and its pending run, with SellerMind's columns alone; the run's id."""
    agent = add(
        office,
        agents,
        name="Card expert",
        slug="card-expert",
        system_prompt="Ты эксперт по карточкам.",
        enabled_tools=["get_product_context", "vpc_browser"],
    )
    product = office.add_product("Кружка из веба")
    task = {"company_id": company_id, "agent_id": agent, "product_id": product, "title": "Карточка"}
    task_id = add(office, agent_tasks, description="Улучши карточку", input_payload={"tone": "живой"}, **task)
    return add(office, agent_task_runs, agent_task_id=task_id)


def adopt(office: Office, run_id: int) -> Run:
    """What `dispatch RunAgentTaskRun --run N` does before it starts."""
    with transaction(office.engine) as connection:
        run = agent_runs.get(connection, run_id)
        agent_turns.enqueue(connection, run_id, f"task:{run.task_id}", agent_runs.first_text(connection, run))
    return run


async def test_a_run_of_the_web_application_is_carried_out_with_its_input_and_its_company(office: Office) -> None:
    run = adopt(office, made_elsewhere(office))
    office.model.script(
        calling("get_product_context", article="нет такого"), calling("vpc_browser"), {"text": "Готово."}
    )
    await (await office.start(run)).result()
    ended = office.run(run.id)
    assert (ended.status, ended.company_id, ended.summary) == (RunStatus.SUCCESS, COMPANY, "Готово.")
    question = office.said(run)[1][1]
    assert all(part in question for part in ("Улучши карточку", "живой", "Product: "))
    offered = [tool["function"]["name"] for tool in office.model.requests()[0]["body"]["tools"]]
    assert offered == ["get_product_context"]
    assert office.model.requests()[0]["body"]["model"] == "gpt-4o-mini"


async def test_a_changed_agent_is_a_new_version_and_runs_keep_the_one_they_began_with(office: Office) -> None:
    first = adopt(office, made_elsewhere(office))
    with transaction(office.engine) as connection:
        connection.execute(update(agents).values(system_prompt="Ты поэт."))
    again = add(office, agent_task_runs, agent_task_id=first.task_id)
    second = adopt(office, again)
    assert (first.setup.system_prompt, second.setup.system_prompt) == ("Ты эксперт по карточкам.", "Ты поэт.")
    assert office.run(first.id).setup == first.setup
    assert [row.version for row in office.rows(agent_versions)] == [1, 2]


async def test_a_conversation_that_began_elsewhere_goes_on_with_what_was_said(office: Office) -> None:
    run_id = made_elsewhere(office)
    for role, content in (("system", "старое"), ("user", "Привет"), ("assistant", "Здравствуйте")):
        row = {"agent_task_run_id": run_id, "role": role, "content": content}
        add(office, agent_messages, created_at=datetime.now(UTC), **row)
    with transaction(office.engine) as connection:
        connection.execute(update(agent_task_runs).values(status="failed"))
    await office.say(office.run(run_id), "Продолжим?")
    await (await office.start(office.run(run_id))).result()
    sent = [(m["role"], m["content"]) for m in office.model.requests()[-1]["body"]["messages"]]
    assert sent[1:] == [("user", "Привет"), ("assistant", "Здравствуйте"), ("user", "Продолжим?")]
    assert office.run(run_id).status is RunStatus.SUCCESS


async def test_a_task_without_a_company_has_no_data_that_its_run_may_see(office: Office) -> None:
    run_id = made_elsewhere(office, None)
    with pytest.raises(Refused, match="has no company"):
        adopt(office, run_id)
