"""What slips from an operator's fingers: empty words, a word twice, times longer than anybody keeps."""

import asyncio

import pytest

from ops.audit import who
from tests.fixtures.desk import Desk

EMPTY = [
    ("queue", "retry", ""),
    ("queue", "retry", "all", "--type", ""),
    ("queue", "retry", "all", "--error", " "),
    ("queue", "retry", "all", "--query", ""),
    ("queue", "retry", "all", "typed/1"),
    ("queue", "failed", "--id", ""),
    ("queue", "forget", ""),
    ("queue", "unstick", ""),
    ("queue", "failed", "--since", "999999d"),
    ("queue", "stuck", "--older", "99999d"),
    ("queue", "flush", "--hours", "99999999999"),
    ("down", "--reason", "x" * 151),
    ("schedules", "pause", "--all", "--reason", ""),
    ("queue", "pause", "high", "--reason", "red \x1b[31m"),
    ("workers", "plan", "--per-hour", "nan", "--avg", "3"),
    ("workers", "plan", "--per-hour", "1e308", "--avg", "1e308"),
]


async def test_what_says_nothing_or_too_much_is_a_usage_error_and_chooses_nothing(working: Desk) -> None:
    await working.fail("typed/1")
    ends = {words: await working.type(*words) for words in EMPTY}
    assert {words: ran for words, ran in ends.items() if ran.code != 2 or "any id" in ran.err or ran.out} == {}
    assert await working.status("typed/1") == "FAILED"


async def test_a_word_twice_means_once(working: Desk) -> None:
    run_id = await working.fail("typed/2")
    twice = ("typed/2", run_id[-8:])
    assert (await working.type("queue", "forget", *twice, "--dry-run", "--json")).json["runs"] == 1
    retried = await working.type("queue", "retry", *twice)
    assert (retried.code, retried.out.splitlines()[-1]) == (0, "1 retried, 0 skipped.")


async def test_an_empty_list_says_whether_it_is_all_or_only_what_was_asked_for(working: Desk) -> None:
    await working.fail("typed/3")
    await working.fail("typed/4")
    first = await working.type("queue", "failed", "--limit", "1", "--json")
    assert (len(first.json), first.sentence) == (1, "These are the newest 1; --limit N shows more.")
    assert (await working.type("queue", "failed", "--limit", "2", "--json")).err == ""
    none = (await working.type("queue", "failed", "--error", "refused")).out
    assert none == "Nothing that these filters choose has failed.\n"


@pytest.mark.parametrize("verb", ["pause", "resume"])
async def test_queues_may_be_given_with_commas_or_blanks(desk: Desk, verb: str) -> None:
    ran = await desk.type("queue", "monitor", "high,low", "redis:high", "--json")
    assert [row["queue"] for row in ran.json] == ["high", "low"]
    await desk.type("queue", "pause", "high", "low", "default")
    await desk.type("queue", "resume", *(["high", "low"] if verb == "pause" else []), "default")
    changed = (await desk.type("queue", verb, "high,low", "high", "--json")).json
    assert changed[f"{verb}d"] == ["high", "low"]


async def test_a_namespace_that_is_not_there_is_told_with_the_variable(desk: Desk) -> None:
    environment = {**desk.environment, "TEMPORAL_NAMESPACE": "nobody-made-it"}
    ran = await asyncio.to_thread(desk.typist.type, ("queue", "failed"), environment)
    assert (ran.code, ran.out) == (3, "")
    assert ran.sentence.startswith("Temporal does not know it: Namespace nobody-made-it is not found; set TEMPORAL_NAM")


async def test_a_cadence_for_a_job_that_is_none_is_told_and_changes_no_schedule(desk: Desk) -> None:
    environment = {**desk.environment, "SELLERMIND_CADENCE": '{"SyncUzumOrder": 60}'}
    applied = await asyncio.to_thread(desk.typist.type, ("schedules", "apply"), environment)
    assert (applied.code, applied.sentence.startswith("SELLERMIND_CADENCE names SyncUzumOrder; the jobs")) == (1, True)
    assert {row["applied"] for row in (await desk.type("schedules", "list", "--json")).json} == {False}
    doctor = await asyncio.to_thread(desk.typist.type, ("doctor", "--json"), environment)
    assert [row["fix"] for row in doctor.json if row["check"] == "cadences"] == ["mend SELLERMIND_CADENCE"]


async def test_a_reason_of_several_lines_becomes_one(desk: Desk) -> None:
    await desk.type("queue", "pause", "high", "--reason", "their\nmaintenance")
    assert f"paused: their maintenance ({who()})\n" in (await desk.type("queue", "stats")).out
