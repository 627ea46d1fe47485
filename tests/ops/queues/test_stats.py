"""`queue stats`, `monitor`, `stuck`, `unstick` on a real server."""

import asyncio

from tests.fixtures.desk import Desk
from tests.fixtures.failing_jobs import Buggy, broken
from tests.fixtures.patience import PATIENCE


async def test_stats_count_what_waits_and_only_current_failures(working: Desk) -> None:
    for number in (1, 2):
        await working.fail(f"stats/{number}")
    broken.discard("stats/1")
    await working.type("queue", "retry", "stats/1", "--wait")
    await working.start("stats/3", queue="low")
    answer = (await working.type("queue:stats", "--json")).json
    assert (answer["driver"], answer["pending"], answer["failed"], answer["stuck"]) == ("temporal", 1, 1, 0)
    low, high = (next(one for one in answer["queues"] if one["queue"] == name) for name in ("low", "high"))
    assert (low["workflow_backlog"], low["workers"], low["paused"]) == (1, 0, False)
    assert (high["workers"], high["rps_limit"]) == (1, None)
    page = (await working.type("queue", "stats")).out
    assert page.splitlines()[:5] == ["Queue Driver: temporal", "", "Status   Count", "Pending  1", "Failed   1"]
    assert "nobody polls" in page


async def test_monitor_raises_the_alarm_with_laravel_s_keys(desk: Desk) -> None:
    for number in range(3):
        await desk.start(f"monitored/{number}")
    alarm = await desk.type("queue", "monitor", "high,redis:low", "--max", "3", "--json")
    assert alarm.code == 1
    high, low = alarm.json
    assert high | {"oldest_pending": 0} == {
        "connection": "temporal",
        "queue": "high",
        "size": 3,
        "pending": 3,
        "delayed": 0,
        "reserved": 0,
        "oldest_pending": 0,
        "status": "ALERT",
    }
    assert (low["queue"], low["status"], low["oldest_pending"]) == ("low", "OK", None)
    assert (await desk.type("queue", "monitor", "--max", "4", "--max-age", "1h")).code == 0
    unknown = await desk.type("queue", "monitor", "hihg")
    assert (unknown.code, unknown.sentence) == (2, "There is no queue hihg; the queues: high, default, low.")


async def test_stuck_names_the_reason_and_unstick_lets_the_step_try_again(working: Desk) -> None:
    await working.start("stuck/nobody", queue="low")
    broken.add("stuck/step")
    await working.start("stuck/step", patient=True)
    async with asyncio.timeout(PATIENCE):
        while not (rows := await _stuck(working)).get("stuck/step", {}).get("last_failure"):
            await asyncio.sleep(0.1)
    assert rows["stuck/nobody"]["reason"] == "nobody polls queue low"
    assert rows["stuck/step"]["reason"] == "step second_step fails (attempt 2)"
    assert rows["stuck/step"]["last_failure"] == "Refused: stuck/step is broken, password=[redacted]"
    broken.remove("stuck/step")
    pushed = await working.type("queue", "unstick", "stuck/step")
    assert (pushed.code, pushed.out) == (0, "stuck/step tries again: second_step.\n")
    assert await working.client.get_workflow_handle("stuck/step").result() == "done"
    refused = await working.type("queue", "unstick", "stuck/step")
    assert (refused.code, "it is completed" in refused.sentence) == (5, True)


async def test_a_run_whose_code_fails_is_stuck_at_once(working: Desk) -> None:
    await working.client.start_workflow(Buggy.run, id="stuck/bug", task_queue="high")
    async with asyncio.timeout(PATIENCE):
        while not (rows := (await working.type("queue", "stuck", "--json")).json):
            await asyncio.sleep(0.2)
    (row,) = rows
    assert row["reason"].startswith("its workflow code fails (attempt ")
    assert (row["workflow_id"], row["waits"]) == ("stuck/bug", False)
    page = await working.type("queue", "stats")
    assert "Found 1 stuck jobs" in page.out


async def _stuck(desk: Desk) -> dict[str, dict[str, object]]:
    rows = (await desk.type("queue", "stuck", "--older", "1s", "--json")).json
    return {row["workflow_id"]: row for row in rows}


async def test_without_temporal_a_verb_names_the_address_and_the_variable(desk: Desk) -> None:
    away = {**desk.environment, "TEMPORAL_ADDRESS": "127.0.0.1:1", "SELLERMIND_ANSWER_WITHIN": "2"}
    ran = await asyncio.to_thread(desk.typist.type, ("queue", "stats", "--json"), away)
    assert (ran.code, ran.out) == (4, "")
    assert ran.sentence == "Temporal does not answer at 127.0.0.1:1; start it, or set TEMPORAL_ADDRESS."


async def test_without_the_database_a_verb_names_the_variable_and_no_secret(desk: Desk) -> None:
    away = {**desk.environment, "SELLERMIND_DATABASE_URL": "mysql+pymysql://root:hunter2@127.0.0.1:1/sellermind"}
    ran = await asyncio.to_thread(desk.typist.type, ("queue", "stuck", "--json"), away)
    assert (ran.code, ran.out, "hunter2" in ran.err) == (4, "", False)
    assert "SELLERMIND_DATABASE_URL" in ran.sentence
