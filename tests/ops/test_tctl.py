"""`tctl …`, `temporal workflow retry` and `temporal queue …`, as executables found on PATH, on a real server."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from ops.outcome import VerbFailed
from ops.queues.command import command
from ops.tctl.extension import verb_of
from ops.tctl.flags import parse
from ops.tctl.translation import translate
from sellermind.settings import CHECKOUT
from tests.fixtures.command_line import Ran
from tests.fixtures.desk import Desk
from tests.fixtures.failing_jobs import broken, ran
from tests.fixtures.patience import PATIENCE

PATH = f"{CHECKOUT / 'bin'}:{Path(sys.executable).parent}:/usr/bin:/bin"


async def typed(desk: Desk, line: str, **variables: str) -> Ran:
    """Run a line in a shell, in a folder of nobody's, with bin/ on PATH."""

    def run(environment: Mapping[str, str]) -> Ran:
        done = subprocess.run(
            ["bash", "-c", line],
            cwd="/",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    kept = {name: value for name, value in desk.environment.items() if not name.startswith("TEMPORAL_")}
    return await asyncio.to_thread(run, {**kept, "PATH": PATH, **variables})


def as_flags(desk: Desk) -> str:
    return f"--address {desk.environment['TEMPORAL_ADDRESS']} --namespace {desk.client.namespace}"


async def test_tctl_workflow_retry_does_our_retry_with_its_own_flags_and_variables(working: Desk) -> None:
    await working.fail("typed/1")
    broken.remove("typed/1")
    flags = as_flags(working).replace("--namespace", "--ns").replace("--address", "--ad")
    done = await typed(working, f"tctl {flags} workflow retry --wid typed/1 --json")
    assert done.code == 0, done.err
    assert done.sentence.startswith("tctl is retired since 30 September 2025; today this is: sellermind queue retry ")
    (retried,) = done.json["retried"]
    assert f"temporal workflow reset -w typed/1 -e {retried['event_id']}" in done.err
    await working.client.get_workflow_handle("typed/1").result()
    assert (ran["typed/1", "first"], ran["typed/1", "second"]) == (1, 3)
    variables = {
        "TEMPORAL_CLI_ADDRESS": working.environment["TEMPORAL_ADDRESS"],
        "TEMPORAL_CLI_NAMESPACE": working.client.namespace,
    }
    again = await typed(working, "tctl wf retry -w typed/1", **variables)
    assert (again.code, "completed; only --from start runs it again" in again.err) == (5, True), again
    observed = await typed(working, "tctl wf observe -w typed/1", **variables)
    assert (observed.code, "WorkflowExecutionCompleted" in observed.out) == (0, True), observed
    assert observed.sentence.endswith("temporal workflow show --follow --workflow-id typed/1")


@pytest.mark.parametrize("slip", ["--dryrun --yes", "typed/8", "--reset_points x"])
async def test_what_a_retry_does_not_know_is_no_retry(working: Desk, slip: str) -> None:
    await working.fail("typed/7")
    done = await working.type("tctl", "workflow", "retry", "typed/7", *slip.split())
    assert (done.code, "means nothing to a retry" in done.sentence) == (2, True), done
    dry = await working.type("tctl", "workflow", "retry", "typed/7", "--skip_current_open", "--dry_run")
    assert (dry.code, "1 would be retried" in dry.out) == (0, True), dry
    assert await working.status("typed/7") == "FAILED"


async def test_the_temporal_command_line_runs_ours_and_hands_its_connection_through(working: Desk) -> None:
    await working.fail("modern/1")
    failed = await typed(working, f"temporal queue failed {as_flags(working)} -o json")
    assert [one["workflow_id"] for one in failed.json] == ["modern/1"], failed.err
    broken.remove("modern/1")
    retried = await typed(working, f"temporal workflow retry -w modern/1 --wait {as_flags(working)}")
    assert (retried.code, "1 retried, 0 skipped." in retried.out) == (0, True), retried.err


async def test_a_query_only_chooses_among_what_failed(working: Desk) -> None:
    await working.fail("query/1")
    await working.fail("query/2")
    waiting = await working.start("query/3", queue="low")
    greedy = "WorkflowId = 'query/1' OR ExecutionStatus = 'Running'"
    done = await working.type("tctl", "workflow", "retry", "-q", greedy, "--dry_run", "--json")
    assert [one["workflow_id"] for one in done.json["retried"]] == ["query/1"]
    hostile = "WorkflowId = 'query/1') OR (ExecutionStatus = 'Running'"
    refused = await working.type("tctl", "workflow", "retry", "-q", hostile, "--json")
    assert (refused.code, "a bracket or a quote without its other one" in refused.err) == (2, True), refused
    assert (await waiting.describe()).run_id == waiting.result_run_id


@pytest.mark.parametrize("query", ["Colour = 7", "WorkflowId =", f"Colour 'password=hunter2 {'x' * 999}'"])
async def test_a_query_that_is_none_is_a_usage_error_in_the_server_s_words(desk: Desk, query: str) -> None:
    for line in (("queue", "retry", "all", "--query", query), ("tctl", "workflow", "retry", "-q", query)):
        refused = await desk.type(*line)
        assert (refused.code, refused.out) == (2, ""), refused
        assert refused.sentence.startswith("Temporal does not understand the query: ")
        assert len(refused.sentence) < 260
        assert "hunter2" not in refused.err
        assert "schedules apply" not in refused.err


@pytest.mark.parametrize(
    ("line", "today"),
    [
        ("wf showid order/1 abc", "workflow show --workflow-id order/1 --run-id abc"),
        (
            "workflow run --tq high --wt Sync --et 60 -i 7",
            "workflow execute --task-queue high --type Sync --execution-timeout 60s --input 7",
        ),
        (
            "workflow reset-batch --query Q --reset_type FirstWorkflowTask --reason why --yes",
            "workflow reset --query Q --type FirstWorkflowTask --reason why --yes",
        ),
        ("workflow list --open --pjson --more", 'workflow list --query ExecutionStatus = "Running" --output json'),
        ("--ns shop namespace register --rd 30d", "operator namespace create --namespace shop --retention 30d"),
        ("tq desc --taskqueue high", "task-queue describe --task-queue high"),
        ("schedule toggle --sid s --pause --reason why", "schedule toggle --schedule-id s --pause --reason why"),
        ("cl health", "operator cluster health"),
    ],
)
def test_other_commands_of_tctl_are_said_in_today_s_words(line: str, today: str) -> None:
    assert " ".join(translate(parse(line.split()))) == today


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("admin workflow describe", "the nearest is `temporal operator`"),
        ("workflow dance", "the nearest is `temporal workflow --help`"),
        ("", "`tctl` has no equivalent"),
        ("workflow reset-batch --exclude_file f", "list the runs you want by --query"),
        ("workflow list --query", "needs a value"),
    ],
)
def test_what_cannot_be_translated_is_said(line: str, said: str) -> None:
    with pytest.raises(VerbFailed) as refused:
        translate(parse(line.split()))
    assert said in str(refused.value)
    assert refused.value.code == 2


def test_every_link_in_bin_names_a_verb_of_ours() -> None:
    links = [path for path in (CHECKOUT / "bin").iterdir() if path.is_symlink()]
    assert len(links) >= 5
    for link in links:
        group, verb = verb_of(link.name, [])
        assert group == "queue"
        assert verb in command.commands
