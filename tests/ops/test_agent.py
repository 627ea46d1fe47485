"""`sellermind agent …` on a real Temporal server, a real worker and the model server."""

from collections.abc import AsyncIterator
from functools import partial

import anyio
import pytest
from sqlalchemy import Engine, delete
from temporalio.client import Client

from schedules import agents as starts
from sellermind.models.agent_runs import RunStatus
from sellermind.storage import agent_runs, agent_turns
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables import agents as tables
from tests.fixtures.agents import TEXT, Office, open_office
from tests.fixtures.command_line import Ran, clean_environment, in_process
from tests.fixtures.model import ModelServer

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
async def office(namespace: Client, database: Engine, model_server: ModelServer) -> AsyncIterator[Office]:
    async with open_office(namespace, database, model_server) as office:
        office.add_account()
        yield office


async def agent(office: Office, *arguments: str, given: str = "") -> Ran:
    """Run `sellermind agent …` beside the worker."""
    return await sellermind(office, "agent", *arguments, given=given)


async def sellermind(office: Office, *arguments: str, given: str = "") -> Ran:
    """Run `sellermind …` beside the worker."""
    environment = clean_environment(
        TEMPORAL_ADDRESS=office.client.service_client.config.target_host,
        TEMPORAL_NAMESPACE=office.client.namespace,
        SELLERMIND_DATABASE_URL=office.settings.database_url,
    )
    return await anyio.to_thread.run_sync(partial(in_process, *arguments, environment=environment, given=given))


async def test_a_question_waited_for_shows_each_step_and_the_answer(office: Office) -> None:
    office.add_orders(1, range(5))
    office.model.script({"calls": [{"name": "find_orders"}]}, {"text": "Пять."})
    ran = await agent(office, "run", "general-assistant", "--company", "7", "--message", "Сколько заказов?", "--wait")
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0].endswith("calls find_orders")
    assert "find_orders: {" in lines[1]
    assert lines[-1] == "Пять."
    silent = await agent(office, "continue", "1", given="\n")
    assert (silent.code, "Say something: --message TEXT" in silent.err) == (2, True)
    office.model.script({"text": "Столько же."})
    again = await agent(office, "continue", "1", "--wait", "--json", given="Сколько вчера?")
    assert (again.code, again.json["status"], again.json["answer"]) == (0, "success", "Столько же.")


async def test_a_change_is_shown_approved_as_shown_and_traced(office: Office) -> None:
    product = office.add_product()
    office.model.script(
        {"calls": [{"name": "save_description", "arguments": {"product_id": product, **TEXT}}]}, {"text": "Готово."}
    )
    ran = await agent(office, "run", "card-expert", "--company", "7", "--message", "Сохрани", "--wait")
    assert ran.code == 0
    shown = await agent(office, "show", "1", "--json")
    (call,) = shown.json["waiting"]
    assert f"agent approve 1 1.1.1 --hash {call['hash']}" in ran.out
    assert f"  title\n  + {TEXT['title']}\n" in ran.out
    assert "None" not in ran.out
    stale = await agent(office, "approve", "1", "1.1.1", "--hash", "0123456789abcdef")
    assert (stale.code, stale.sentence[:37]) == (5, "Call 1.1.1 has other arguments than t")
    assert office.descriptions() == []
    done = await agent(office, "approve", "1", "1.1.1", "--hash", call["hash"], "--note", "good")
    assert (done.code, done.out.strip()) == (0, "call 1.1.1 of run 1 is approved")
    await starts.handle(office.client, 1).result()
    assert (await agent(office, "show", "1", "--json")).json["status"] == "success"
    trace = await agent(office, "trace", "1")
    assert "1.1.1 succeeded after 1 attempt, " in trace.out
    assert "decided: good" in trace.out
    late = await agent(office, "reject", "1", "1.1.1", "--hash", call["hash"])
    assert (late.code, late.sentence.rpartition(", ")[0]) == (5, "Call 1.1.1 waits for no decision any more: succeeded")
    assert "gpt-4o-mini" in trace.out or "sandbox" in trace.out
    assert [row.title for row in office.descriptions()] == [TEXT["title"]]


async def test_a_rejected_change_is_not_made_and_the_model_is_told_why(office: Office) -> None:
    product = office.add_product()
    office.model.script(
        {"calls": [{"name": "save_description", "arguments": {"product_id": product, **TEXT}}]}, {"text": "Понял."}
    )
    await agent(office, "run", "card-expert", "--company", "7", "--message", "Сохрани", "--wait")
    (call,) = (await agent(office, "show", "1", "--json")).json["waiting"]
    ran = await agent(office, "reject", "1", call["call_id"], "--hash", call["hash"], "--note", "слишком длинно")
    assert (ran.code, ran.out.strip()) == (0, "call 1.1.1 of run 1 is denied")
    await starts.handle(office.client, 1).result()
    assert office.descriptions() == []
    assert "слишком длинно" in str(office.model.requests()[-1])
    twice = await agent(office, "approve", "1", call["call_id"], "--hash", call["hash"])
    assert (twice.code, twice.sentence.rpartition(",")[0]) == (5, "Call 1.1.1 waits for no decision any more: denied")


async def test_a_cancelled_run_stops_waiting_and_can_be_continued(office: Office) -> None:
    product = office.add_product()
    office.model.script({"calls": [{"name": "save_description", "arguments": {"product_id": product, **TEXT}}]})
    await agent(office, "run", "card-expert", "--company", "7", "--message", "Сохрани", "--wait")
    ran = await agent(office, "cancel", "1")
    assert (ran.code, ran.out.strip()) == (0, "run 1 is cancelled")
    office.model.script({"text": "Снова здесь."})
    again = await agent(office, "continue", "1", "--message", "Ещё раз", "--wait", "--json")
    assert (again.json["status"], again.json["answer"]) == ("success", "Снова здесь.")


async def test_a_budget_that_is_used_up_is_exit_1_and_a_higher_one_goes_on(office: Office) -> None:
    office.model.script({"calls": [{"name": "account_health"}], "count": 2}, {"text": "Всё в порядке."})
    start = ("run", "general-assistant", "--company", "7", "--message", "Как дела?", "--steps", "1", "--wait")
    ran = await agent(office, *start)
    assert ran.code == 1
    used_up = "Run 1 has used its steps (1 of 1): `sellermind agent continue 1 --steps …` raises that."
    assert ran.sentence == f"run 1 is budget_exceeded: {used_up}"
    poor = await agent(office, *start[:-3], "--usd", "0", "--wait")
    used_up = "Run 2 has used its money (0 of 0 USD): `sellermind agent continue 2 --usd …` raises that."
    assert poor.sentence == f"run 2 is budget_exceeded: {used_up}"
    again = await agent(office, "continue", "1", "--steps", "9", "--wait", "--json")
    assert (again.code, again.json["answer"]) == (0, "Всё в порядке.")


async def test_an_agent_is_made_and_changed_in_versions(office: Office) -> None:
    made = ("create", "reviewer", "--name", "Reviews", "--company", "7", "--prompt", "-", "--json")
    first = await agent(office, *made, "--tool", "find_orders", given="You read reviews.")
    assert (first.code, first.json["version"]) == (0, 1)
    assert (await agent(office, *made, "--tool", "find_orders", given="You read reviews.")).json["version"] == 1
    assert (await agent(office, *made, "--tool", "find_orders:always", given="You read reviews.")).json["version"] == 2
    listed = await agent(office, "list", "--company", "8", "--json")
    assert "reviewer" not in {row["slug"] for row in listed.json}
    assert "card-expert" in {row["slug"] for row in listed.json}


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("run", "nobody", "--company", "7", "--message", "x"), 3, "There is no agent 'nobody'"),
        (("run", "analytics", "--company", "7", "--message", "x" * 10_001), 5, "A message has 1 to 10000 characters"),
        (("run", "analytics", "--company", "7", "--message", " "), 5, "A message has 1 to 10000 characters"),
        (("run", "analytics", "--company", "7", "--account", "9", "--message", "x"), 5, "Company 7 has no account 9"),
        (
            ("run", "analytics", "--company", "999", "--message", "x"),
            3,
            "--company 999: no account, product or agent is",
        ),
        (("show", "99"), 3, "There is no agent run 99."),
        (("continue", "99", "--message", "x"), 3, "There is no agent run 99."),
        (("cancel", "99"), 3, "There is no agent run 99."),
        (("approve", "1", "9.9.9", "--hash", "0123456789ab", "--company", "8"), 3, "There is no agent run 1."),
        (("approve", "1", "9.9.9", "--hash", "0123456789ab"), 3, "Run 1 has no tool call 9.9.9"),
        (("create", "a", "--name", "A", "--prompt", "-", "--tool", "rm"), 3, "There is no tool rm."),
        (
            ("create", "analytics", "--name", "A", "--prompt", "-", "--company", "7"),
            5,
            "The agent analytics is for all",
        ),
    ],
)
async def test_bad_input_is_one_sentence_and_changes_nothing(
    office: Office, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    await agent(office, "list")
    office.task("waits")
    before = office.counts()
    ran = await agent(office, *arguments, given="A prompt.")
    assert (ran.code, ran.sentence[: len(sentence)]) == (code, sentence)
    assert office.counts() == before
    assert office.model.stats()["calls"] == 0


async def test_a_model_without_a_key_fails_the_run_with_the_remedy_and_asks_nobody(
    namespace: Client, database: Engine, model_server: ModelServer
) -> None:
    async with open_office(namespace, database, model_server, model_url="https://api.openai.com/v1") as office:
        office.add_account()
        ran = await agent(office, "run", "general-assistant", "--company", "7", "--message", "Привет", "--wait")
    assert ran.code == 1
    assert ran.sentence == (
        "run 1 is failed: There is no key for the model: set SELLERMIND_MODEL_API_KEY, or SELLERMIND_MODEL_URL."
    )


async def test_the_seed_s_job_names_start_and_continue_a_run_that_exists(office: Office) -> None:
    run = office.task("Вопрос из веб-приложения")
    first = await sellermind(office, "dispatch", "RunAgentTaskRunJob", "--run", str(run.id), "--wait", "--json")
    assert (first.code, first.json["status"]) == (0, "success")
    more = (
        "dispatch",
        "ContinueAgentRun",
        "--run",
        str(run.id),
        "--message",
        "И ещё",
        "--ref",
        "m1",
        "--wait",
        "--json",
    )
    for _ in range(2):
        assert (await sellermind(office, *more)).json["status"] == "success"
    assert [kind for kind, _ in office.said(run)] == ["system", "user", "model", "user", "model"]
    missing = await sellermind(office, "dispatch", "ContinueAgentRun", "--run", str(run.id))
    assert (missing.code, "--message TEXT" in missing.err) == (2, True)


async def test_what_has_ended_is_not_said_to_be_started(office: Office) -> None:
    run = office.task("Вопрос из веб-приложения")
    start = ("dispatch", "RunAgentTaskRun", "--run", str(run.id))
    assert (await sellermind(office, *start, "--wait")).code == 0
    before = office.counts()
    for asked in (start, (*start, "--wait"), (*start, "--json")):
        again = await sellermind(office, *asked)
        assert (again.code, again.out) == (5, "")
        assert again.sentence.startswith(f"Run {run.id} has ended already, as success; `sellermind agent show {run.id}")
    assert office.counts() == before
    more = ("dispatch", "ContinueAgentRun", "--run", str(run.id), "--message", "И ещё", "--ref", "m1")
    first = await sellermind(office, *more, "--json")
    assert (first.code, first.json) == (0, {"id": run.id, "turn": 2, "ref": "m1", "status": "started"})
    await starts.handle(office.client, run.id).result()
    twice = await sellermind(office, *more)
    said = f"run {run.id}, turn 2 has ended already, as success; `sellermind agent show {run.id}` tells how it stands"
    assert (twice.code, twice.out.strip()) == (0, said)
    assert (await sellermind(office, *more, "--json")).json["status"] == "success"


async def test_a_run_that_the_old_application_ended_is_not_run_again(office: Office) -> None:
    run = office.task("Давно отвечено")
    with transaction(office.engine) as connection:
        connection.execute(delete(tables.agent_turns))  # theirs has no such table
        agent_runs.set_status(connection, run.id, RunStatus.FAILED)
    ran = await sellermind(office, "dispatch", "RunAgentTaskRun", "--run", str(run.id))
    assert (ran.code, ran.sentence[:42]) == (5, f"Run {run.id} has ended already, as failed; `sellerm"[:42])
    assert office.model.stats()["calls"] == 0
    with reading(office.engine) as connection:
        assert agent_turns.of_run(connection, run.id) == []


async def test_a_company_needs_no_account_if_a_product_or_an_agent_is_its_own(office: Office) -> None:
    office.add_product(company_id=20)
    office.hire("scribe", company_id=21)
    for agent_name, company in (("card-expert", "20"), ("scribe", "21")):
        assert (await agent(office, "run", agent_name, "--company", company, "--message", "Привет")).code == 0
