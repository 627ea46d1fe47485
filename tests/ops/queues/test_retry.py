"""`queue failed`, `retry`, `forget`, `flush` on real runs that really failed."""

import asyncio

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import WorkflowAlreadyStartedError

from ops.queues import failed_runs
from ops.queues.retrying import Order, Retried, Skipped, retry
from sellermind.storage import accounts
from sellermind.storage.engine import transaction
from tests.fixtures.command_line import sellermind
from tests.fixtures.desk import Desk
from tests.fixtures.failing_jobs import Parent, broken, ran
from tests.fixtures.patience import PATIENCE


async def test_a_retry_runs_only_the_failed_step_again_and_the_list_is_empty_then(working: Desk) -> None:
    run_id = await working.fail("two-steps/1", working.add_account())
    (failed,) = (await working.type("queue:failed", "--json")).json
    assert failed | {"failed_at": "", "id": ""} == {
        "id": "",
        "workflow_id": "two-steps/1",
        "run_id": run_id,
        "job": "TwoSteps",
        "account": 1,
        "queue": "high",
        "status": "failed",
        "failed_at": "",
        "attempts": 2,
        "error_type": "Refused",
        "message": "two-steps/1 is broken, password=[redacted]",
        "retry_from": failed["retry_from"] | {"step": "second_step", "attempts": 2},
    }
    listed = (await working.type("queue", "failed")).out
    assert failed["id"] in listed
    assert "hunter2" not in listed
    page = await working.type("queue", "failed", "--id", failed["id"])
    assert f"`sellermind queue retry {failed['id']}` goes on at second_step" in page.out
    dry = (await working.type("queue", "retry", failed["id"], "--dry-run", "--json")).json
    broken.remove("two-steps/1")
    wet = await working.type("queue", "retry", failed["id"], "--wait", "--json")
    assert wet.code == 0, wet.err
    (retried,) = wet.json["retried"]
    assert dry["retried"] == [retried | {"new_run_id": None}]
    assert (await working.status("two-steps/1"), ran["two-steps/1", "first"], ran["two-steps/1", "second"]) == (
        "COMPLETED",
        1,
        3,
    )
    assert (await working.type("queue", "failed")).out == "Nothing has failed.\n"


async def test_retry_all_takes_what_is_still_failed_and_says_what_it_leaves(working: Desk) -> None:
    account = working.add_account()
    for number in range(4):
        await working.fail(f"mixed/{number}", account if number == 3 else None)
    broken.difference_update(f"mixed/{number}" for number in range(4))
    assert (await working.type("queue", "retry", "mixed/0", "--wait")).code == 0
    with transaction(working.engine) as connection:
        accounts.pause(connection, account)
    dry = (await working.type("queue", "retry", "all", "--dry-run", "--json")).json
    wet = (await working.type("queue", "retry", "all", "--wait", "--json")).json
    assert [one | {"new_run_id": None} for one in wet["retried"]] == dry["retried"]
    assert sorted(one["workflow_id"] for one in wet["retried"]) == ["mixed/1", "mixed/2"]
    assert {one["workflow_id"]: one["reason"] for one in wet["skipped"]} == {
        "mixed/0": "a newer run is completed",
        "mixed/3": f"Account {account} is paused; run `sellermind account resume {account}` first",
    }
    assert ran["mixed/0", "second"] == 3
    assert ran["mixed/3", "second"] == 2


async def test_a_failed_child_runs_again_and_what_its_parent_did_before_does_not(working: Desk) -> None:
    broken.add("family/child")
    parent = await working.client.start_workflow(Parent.run, id="family/parent", task_queue="high")
    with pytest.raises(WorkflowFailureError):
        await parent.result()
    broken.remove("family/child")
    failed = {one["workflow_id"]: one for one in (await working.type("queue", "failed", "--json")).json}
    assert failed["family/parent"]["retry_from"]["step"] == "TwoSteps"
    assert failed["family/parent"]["error_type"] == "Refused"
    assert (await working.type("queue", "retry", "family/parent", "--wait")).code == 0
    assert (ran["family/parent", "first"], await working.status("family/child")) == (1, "COMPLETED")


async def test_a_run_that_was_ended_in_the_middle_goes_on_at_the_step_it_was_at(working: Desk) -> None:
    broken.add("ended/1")
    handle = await working.start("ended/1", patient=True)
    async with asyncio.timeout(PATIENCE):
        while not ran["ended/1", "second"]:
            await asyncio.sleep(0.05)
    await handle.terminate()
    broken.remove("ended/1")
    assert (await working.type("queue", "retry", "ended/1", "--wait")).code == 0
    assert (ran["ended/1", "first"], ran["ended/1", "second"]) == (1, 2)


async def test_a_tick_and_a_retry_never_work_on_one_account_at_once(working: Desk) -> None:
    account = working.add_account()
    workflow_id = f"sync-new-wildberries-orders/{account}"
    await working.fail(workflow_id, account)
    await working.type("queue", "pause", "high")
    assert (await working.type("queue", "retry", workflow_id)).code == 0
    with pytest.raises(WorkflowAlreadyStartedError):
        await working.start(workflow_id, account)
    retried = await working.client.get_workflow_handle(workflow_id).describe()
    second = await working.type("queue", "retry", workflow_id)
    assert (second.code, "it is running" in second.sentence) == (5, True)
    assert (await working.client.get_workflow_handle(workflow_id).describe()).run_id == retried.run_id


async def test_of_retries_in_parallel_one_starts_a_run_and_the_others_find_it(working: Desk) -> None:
    for round_ in range(3):
        workflow_id = f"parallel/{round_}"
        await working.fail(workflow_id)
        broken.remove(workflow_id)
        run = await failed_runs.current_run(working.client, workflow_id)
        assert run
        done = await asyncio.gather(*(retry(working.client, run, Order("test")) for _ in range(6)))
        (retried,) = (one for one in done if isinstance(one, Retried))
        reasons = {one.reason for one in done if isinstance(one, Skipped)}
        assert reasons <= {"a newer run is running", "a newer run is completed"}
        await working.client.get_workflow_handle(workflow_id, run_id=retried.new_run_id).result()
        assert ran[workflow_id, "second"] == 3


async def test_parallel_commands_start_one_run(working: Desk) -> None:
    await working.fail("commands/1")
    broken.remove("commands/1")
    command = ("queue", "retry", "commands/1", "--json")
    outcomes = await asyncio.gather(
        *(asyncio.to_thread(sellermind, *command, environment=working.environment) for _ in range(3))
    )
    assert sum(len(done.json["retried"]) for done in outcomes) == 1
    await working.client.get_workflow_handle("commands/1").result()
    runs = [run async for run in working.client.list_workflows("WorkflowId = 'commands/1'")]
    assert len(runs) == 2


async def test_what_runs_or_is_well_is_refused(desk: Desk) -> None:
    await desk.start("waiting/1")
    running = await desk.type("queue", "retry", "waiting/1")
    assert (running.code, running.sentence) == (5, "Left alone: waiting/1: nothing to retry: it is running.")
    unknown = await desk.type("queue", "retry", "waiting/2")
    assert (unknown.code, unknown.sentence.startswith("There is no run waiting/2")) == (3, True)


async def test_filters_choose_and_cannot_be_talked_into_more(working: Desk) -> None:
    account = working.add_account()
    await working.fail("filtered/1", account)
    await working.fail("filtered/2")
    await working.start("filtered/3", queue="low")

    async def chosen(*filters: str) -> set[str]:
        return {one["workflow_id"] for one in (await working.type("queue", "failed", *filters, "--json")).json}

    assert await chosen("--account", str(account)) == {"filtered/1"}
    assert await chosen("--marketplace", "wb", "--since", "1h") == {"filtered/1"}
    assert await chosen("--error", "Refused") == {"filtered/1", "filtered/2"}
    assert await chosen("--error", 'Refused" OR ExecutionStatus="Running') == set()
    for hostile, code in (
        (("--type", 'x" OR ExecutionStatus="Running'), 3),
        (("--account", "1;DROP TABLE marketplace_accounts"), 2),
        (("--account", "1 OR 1=1"), 2),
        (("--query", 'WorkflowId = "x") OR (ExecutionStatus = "Running"'), 2),
        (("--query", 'WorkflowId = "x'), 2),
    ):
        refused = await working.type("queue", "retry", "all", *hostile)
        assert (refused.code, refused.out) == (code, ""), refused
    injected = await working.type("queue", "forget", 'filtered/1" OR WorkflowId="filtered/2', "--yes")
    assert injected.code == 3
    assert await chosen() == {"filtered/1", "filtered/2"}
    assert await working.status("filtered/3") == "RUNNING"


async def test_forget_and_flush_ask_first_and_delete_only_failures(working: Desk) -> None:
    for number in (1, 2, 3):
        await working.fail(f"old/{number}")
    broken.discard("old/1")
    await working.type("queue", "retry", "old/1", "--wait")
    refused = await working.type("queue", "forget", "old/2")
    assert (refused.code, refused.sentence) == (
        5,
        "Delete 1 failed run (old/2)? Nobody can be asked here; add --yes to do it.",
    )
    well = await working.type("queue", "forget", "old/1", "--yes")
    assert (well.code, well.sentence) == (5, "old/1 has not failed: completed.")
    assert (await working.type("queue", "flush", "--hours", "1", "--yes")).out == "Nothing to delete.\n"
    dry = (await working.type("queue", "flush", "--dry-run", "--json")).json
    assert dry == {"runs": 3, "workflow_ids": ["old/1", "old/2", "old/3"], "deleted": False}
    assert (await working.type("queue", "forget", "old/2", "--yes")).out == "Deleted 1 failed run.\n"
    assert (await working.type("queue", "flush", "--yes", "--json")).json["deleted"]
    async with asyncio.timeout(PATIENCE):
        while (await working.type("queue", "failed")).out != "Nothing has failed.\n":
            await asyncio.sleep(0.1)
    assert await working.status("old/1") == "COMPLETED"


async def test_a_company_s_operator_sees_and_changes_only_what_is_the_company_s(working: Desk) -> None:
    for company in (7, 8):
        await working.fail(f"of/{company}", company=company)
    seen = (await working.type("queue", "failed", "--company", "7", "--json")).json
    assert [one["workflow_id"] for one in seen] == ["of/7"]
    for verb in (("failed", "--id", "of/8"), ("retry", "of/8"), ("forget", "of/8", "--yes"), ("unstick", "of/8")):
        strange = await working.type("queue", *verb, "--company", "7")
        assert (strange.code, strange.sentence.partition(";")[0]) == (3, "There is no run of/8"), verb
    dry = (await working.type("queue", "retry", "all", "--company", "8", "--dry-run", "--json")).json
    assert [one["workflow_id"] for one in dry["retried"]] == ["of/8"]
    assert (await working.type("queue", "retry", "of/7", "--company", "7", "--dry-run")).code == 0
    flushed = (await working.type("queue", "flush", "--company", "7", "--yes", "--json")).json
    assert flushed["workflow_ids"] == ["of/7"]
    assert (await working.type("queue", "stuck", "--older", "1s", "--company", "7", "--json")).json == []
