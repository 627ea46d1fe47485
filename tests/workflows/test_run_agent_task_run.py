"""RunAgentTaskRun on a real Temporal server, both databases and the model server."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import Engine
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ActivityError, ApplicationError

from schedules import agents as starts
from sellermind.models.agent_runs import CallState, RunStatus
from sellermind.models.agents import Approval, RunBudget, ToolGrant
from sellermind.storage.tables.agents import agent_turns
from tests.fixtures.agents import COMPANY, TEXT, Office, calling, open_office
from tests.fixtures.model import ModelServer
from tests.fixtures.patience import until


@pytest.fixture
async def office(namespace: Client, database: Engine, model_server: ModelServer) -> AsyncIterator[Office]:
    async with open_office(namespace, database, model_server) as office:
        yield office


on_mariadb = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


async def test_the_model_looks_at_real_orders_and_answers(office: Office) -> None:
    office.add_orders(office.add_account(), range(100, 103))
    office.model.script(calling("find_orders", status="new"), {"text": "У вас 3 новых заказа."})
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
    day = office.budget()
    assert (day.spent_micros, day.reserved_micros, day.reserved_tokens) == (run.spent.cost_micros, 0, 0)


async def test_calls_of_one_answer_run_side_by_side_and_each_gets_its_result(office: Office) -> None:
    office.model.script(calling("account_health", "find_orders", "sales_summary"), {"text": "ok"})
    run = await office.ask("Всё сразу")
    assert [(call.call_id, call.state.value) for call in office.calls(run)] == [
        ("1.1.1", "succeeded"),
        ("1.1.2", "succeeded"),
        ("1.1.3", "failed"),  # sales_summary without its period: the model is told
    ]
    assert {m.ref for m in office.messages(run) if m.kind == "tool"} == {"1.1.1", "1.1.2", "1.1.3"}
    assert [m.seq for m in office.messages(run)] == list(range(1, 8))


async def test_a_conversation_goes_on_with_everything_that_was_said_and_found(office: Office) -> None:
    office.model.script(calling("account_health"), {"text": "Первый ответ."}, {"text": "Второй ответ."})
    run = await office.ask("Первый вопрос")
    await office.say(run, "Второй вопрос")
    await starts.handle(office.client, run.id).result()
    sent = office.model.requests()[-1]["body"]["messages"]
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool", "assistant", "user"]
    assert office.run(run.id).summary == "Второй ответ."


async def test_the_same_message_sent_twice_is_answered_once(office: Office) -> None:
    run = await office.ask("Вопрос")
    await office.say(run, "Ещё вопрос", "message-1")
    await starts.handle(office.client, run.id).result()
    paid = office.model.stats()["paid"]
    await office.say(run, "Ещё вопрос", "message-1")
    await starts.handle(office.client, run.id).result()
    assert office.model.stats()["paid"] == paid
    assert [kind for kind, _ in office.said(run)] == ["system", "user", "model", "user", "model"]


@on_mariadb
async def test_a_write_waits_for_a_person_and_happens_once(office: Office) -> None:
    product = office.add_product()
    office.model.script(calling("save_description", product_id=product, **TEXT), {"text": "Сохранено."})
    run = office.task("Сохрани описание")
    handle = await office.start(run)
    call = await office.waits(run)
    assert call.preview is not None
    assert {change["field"]: change["after"] for change in call.preview["changes"]}["title"] == TEXT["title"]
    assert office.descriptions() == []
    state = await handle.query("state")
    assert (state["status"], state["waiting"][0]["call_id"]) == ("waiting_approval", "1.1.1")
    assert (await office.decide(run, call, note="хорошо")).state is CallState.APPROVED
    await handle.result()
    assert [(row.version, row.made_by) for row in office.descriptions()] == [(1, call.key)]
    decided = office.calls(run)[0]
    assert (decided.state, decided.decided_by, decided.note) == (CallState.SUCCEEDED, "nilufar", "хорошо")
    assert office.run(run.id).status is RunStatus.SUCCESS


@on_mariadb
async def test_one_decision_holds_for_exactly_what_was_shown(office: Office) -> None:
    product = office.add_product()
    office.model.script(calling("save_description", product_id=product, **TEXT), {"text": "ok"})
    run = office.task("Сохрани")
    handle = await office.start(run)
    call = await office.waits(run)
    with pytest.raises(WorkflowUpdateFailedError) as stale:
        await office.decide(run, call, args_hash="0" * 64)
    assert isinstance(stale.value.cause, ActivityError)
    with pytest.raises(WorkflowUpdateFailedError):
        await office.decide(run, call, call_id="9.9.9")
    assert (await office.decide(run, call, approve=False)).state is CallState.DENIED
    await handle.result()
    assert office.descriptions() == []
    assert '"error": "denied"' in str(office.model.requests()[-1]["body"]["messages"][-1]["content"])


@on_mariadb
async def test_of_two_decisions_at_once_one_counts(office: Office) -> None:
    product = office.add_product()
    office.model.script(calling("save_description", product_id=product, **TEXT), {"text": "ok"})
    run = office.task("Сохрани")
    handle = await office.start(run)
    call = await office.waits(run)
    both = await asyncio.gather(
        office.decide(run, call), office.decide(run, call, approve=False, by="botir"), return_exceptions=True
    )
    await handle.result()
    assert sorted(type(each).__name__ for each in both) == ["CallOutcome", "WorkflowUpdateFailedError"]
    assert len(office.descriptions()) == (1 if office.calls(run)[0].decided_by == "nilufar" else 0)


@on_mariadb
async def test_a_pre_approved_write_needs_a_person_once_untrusted_text_was_read(office: Office) -> None:
    grants = (ToolGrant(name="save_description", approval=Approval.NEVER), ToolGrant(name="product_context"))
    agent = office.hire(tools=grants)
    product = office.add_product()
    save = calling("save_description", product_id=product, **TEXT)
    office.model.script(save, {"text": "ok"})
    clean = await office.ask("Сохрани", agent)
    assert (clean.status, len(office.descriptions())) == (RunStatus.SUCCESS, 1)
    office.model.script(calling("product_context", product_id=product), save, {"text": "ok"})
    tainted = office.task("Прочти и сохрани", agent)
    handle = await office.start(tainted)
    await office.waits(tainted)
    assert len(office.descriptions()) == 1
    await handle.cancel()


@on_mariadb
async def test_cancel_leaves_a_true_status_and_nothing_under_way(office: Office) -> None:
    product = office.add_product()
    office.model.script(calling("save_description", product_id=product, **TEXT))
    run = office.task("Сохрани")
    handle = await office.start(run)
    await office.waits(run)
    await office.say(run, "И ещё")
    await handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED
    assert office.run(run.id).status is RunStatus.CANCELLED
    assert [call.state for call in office.calls(run)] == [CallState.CANCELLED]
    assert office.model.stats()["calls"] == 1


@on_mariadb
async def test_cancel_while_the_model_thinks_ends_at_once_and_its_late_answer_is_only_paid(office: Office) -> None:
    office.model.fault("latency", delay=4)
    run = office.task("Думай")
    handle = await office.start(run)
    await until(lambda: office.model.stats()["running"] == 1, "it is asked")
    await handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    assert office.run(run.id).status is RunStatus.CANCELLED
    await until(lambda: [row.outcome for row in office.usage()] == ["answered"], "the late answer is paid")
    assert [kind for kind, _ in office.said(run)] == ["system", "user"]


@on_mariadb
async def test_a_used_up_budget_ends_the_run_and_a_higher_one_lets_it_go_on(office: Office) -> None:
    office.model.script(calling("account_health"), {"text": "Готово."})
    run = await office.ask("Вопрос", budget=RunBudget(steps=1))
    assert (run.status, run.error_code) == (RunStatus.BUDGET_EXCEEDED, "BudgetExceeded")
    office.allow(run, RunBudget(steps=5))
    await office.say(run, "Дальше")
    await starts.handle(office.client, run.id).result()
    assert office.run(run.id).status is RunStatus.SUCCESS


@on_mariadb
async def test_near_its_limit_the_model_is_told_to_finish_without_tools(office: Office) -> None:
    office.model.script({**calling("account_health"), "count": 2}, {"text": "Вот что успел."})
    run = await office.ask("Вопрос", budget=RunBudget(steps=3))
    assert (run.status, run.summary) == (RunStatus.SUCCESS, "Вот что успел.")
    last = office.model.requests()[-1]["body"]
    assert "tools" not in last
    assert "nearly used up" in last["messages"][-1]["content"]


@on_mariadb
async def test_a_model_that_repeats_one_call_is_stopped(office: Office) -> None:
    office.model.script({**calling("account_health"), "count": 3}, {"text": "Хватит."})
    run = await office.ask("Вопрос")
    assert (run.status, len(office.calls(run))) == (RunStatus.SUCCESS, 3)
    assert [m.ref for m in office.messages(run) if m.kind == "notice"] == ["loop_detected"]


@on_mariadb
async def test_a_model_that_fails_for_good_fails_the_run_and_the_next_message_may_go_on(office: Office) -> None:
    office.model.fault("unauthorized")
    run = office.task("Вопрос")
    with pytest.raises(WorkflowFailureError) as failed:
        await (await office.start(run)).result()
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "LlmAuth"
    assert (office.run(run.id).status, office.run(run.id).error_code) == (RunStatus.FAILED, "LlmAuth")
    await office.say(run, "Ещё раз")
    await starts.handle(office.client, run.id).result()
    assert office.run(run.id).status is RunStatus.SUCCESS


@on_mariadb
async def test_a_server_that_ignores_tools_does_the_same_work_by_actions(
    namespace: Client, database: Engine, start_model_server: Callable[..., ModelServer]
) -> None:
    server = start_model_server("--ignores-tools")
    async with open_office(namespace, database, server, model_mode="auto") as office:
        office.add_orders(office.add_account(), range(3))
        run = await office.ask("Сколько новых заказов и какие продажи?", office.hire(models=("default",)))
    assert run.status is RunStatus.SUCCESS
    assert {call.tool for call in office.calls(run)} == {"find_orders", "sales_summary"}
    assert all(call.settled for call in office.calls(run))
    assert "Result of find_orders:" in str(server.requests()[-1]["body"]["messages"])
    probe, *answers = office.usage()
    assert "/probe#" in probe.step_key
    assert {row.cost_micros for row in (probe, *answers)} == {None}  # nobody said a price, and none is made up
    assert office.budget().spent_tokens == sum(row.tokens_input + row.tokens_output for row in office.usage())


@on_mariadb
async def test_a_model_that_only_talks_is_told_once_how_to_act_and_then_its_words_are_the_answer(
    namespace: Client, database: Engine, start_model_server: Callable[..., ModelServer]
) -> None:
    server = start_model_server("--ignores-tools", "--ignores-schemas")
    server.script({"text": "Я всего лишь маленькая модель.", "count": None})
    async with open_office(namespace, database, server, model_mode="auto") as office:
        run = await office.ask("Сколько заказов?", office.hire(models=("default",)))
    assert (run.status, run.summary, run.spent.steps) == (RunStatus.SUCCESS, "Я всего лишь маленькая модель.", 2)
    assert [kind for kind, _ in office.said(run)] == ["system", "user", "model", "notice", "model"]


@on_mariadb
async def test_a_run_that_is_cancelled_before_a_worker_sees_it_asks_nobody_and_says_so(
    namespace: Client, database: Engine, model_server: ModelServer
) -> None:
    async with open_office(namespace, database, model_server, working=False) as idle:
        run = idle.task("Вопрос")
        handle = await idle.start_plainly(run)
        await handle.cancel()
    async with open_office(namespace, database, model_server) as office:
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        assert office.run(run.id).status is RunStatus.CANCELLED
        assert {row.state for row in office.rows(agent_turns)} == {"cancelled"}
        assert office.model.stats()["calls"] == 0
        await office.say(run, "Теперь всерьёз")
        await starts.handle(office.client, run.id).result()
        assert office.run(run.id).status is RunStatus.SUCCESS


@on_mariadb
async def test_giving_up_on_a_worker_that_does_not_come_leaves_no_complaint_behind(
    namespace: Client, database: Engine, model_server: ModelServer
) -> None:
    complaints: list[object] = []
    loop = asyncio.get_running_loop()
    usual = loop.get_exception_handler()  # the loop is that of all tests
    loop.set_exception_handler(lambda _loop, context: complaints.append(context))
    async with open_office(namespace, database, model_server, working=False) as idle:
        run = idle.task("Вопрос")
        with pytest.raises((TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError)):
            await asyncio.wait_for(idle.start(run), 1)
        gc.collect()
        await asyncio.sleep(0)
        loop.set_exception_handler(usual)
        assert complaints == []
        await starts.handle(idle.client, run.id).terminate()
