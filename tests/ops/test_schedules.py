"""`sellermind schedules …` on a real Temporal server."""

import re
import subprocess
import sys

import pytest
from sqlalchemy import Engine
from temporalio.client import Client

from sellermind.settings import CHECKOUT
from tests.fixtures.command_line import Ran, clean_environment, in_process
from tests.fixtures.product import Product

JOB = "SyncNewWildberriesOrders"
RUNS = 60
# Forks after the imports, so that sixty runs cost what the verb costs: each child connects, asks, prints, and ends.
REPEATED = """
import os, sys, warnings
import ops.failures, ops.schedules.command
from ops.cli import run

warnings.simplefilter("ignore", DeprecationWarning)
for _ in range(int(sys.argv[1])):
    child = os.fork()
    if not child:
        run(["schedules", "list", "--json"])
    print("exit", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=sys.stderr)
"""


@pytest.fixture
def environment(temporal_address: str, namespace: Client, sqlite_database: Engine) -> dict[str, str]:
    """A namespace without schedules."""
    return clean_environment(
        TEMPORAL_ADDRESS=temporal_address,
        TEMPORAL_NAMESPACE=namespace.namespace,
        SELLERMIND_DATABASE_URL=str(sqlite_database.url),
    )


def run(environment: dict[str, str], *arguments: str) -> Ran:
    return in_process("schedules", *arguments, environment=environment)


def cells(environment: dict[str, str]) -> dict[str, str]:
    """The list's row of the job, as a person sees it."""
    header, *rows = (re.split(r"\s{2,}", line) for line in run(environment, "list").out.splitlines())
    (row,) = (row for row in rows if row[0] == JOB)
    return dict(zip(header, row, strict=False))


def test_apply_is_needed_once_and_keeps_a_pause(environment: dict[str, str]) -> None:
    assert cells(environment)["state"] == "not applied"
    missing = run(environment, "pause", JOB)
    assert (missing.code, "run `sellermind schedules apply`" in missing.sentence) == (3, True)
    assert JOB in run(environment, "apply", "--json").json["created"]
    assert cells(environment) | {"next": "in", "note": ""} == {
        "schedule": JOB,
        "every": "60 s",
        "state": "active",
        "next": "in",
        "last": "-",
        "last result": "-",
        "note": "",
    }
    assert run(environment, "pause", "sync-new-wildberries-orders", "--reason", "maintenance").out == f"paused: {JOB}\n"
    assert JOB in run(environment, "apply", "--json").json["unchanged"]
    paused = cells(environment)
    assert (paused["state"], paused["next"], paused["note"].partition(" (")[0]) == ("paused", "-", "maintenance")
    assert run(environment, "resume", f"{JOB}Job").out == f"resumed: {JOB}\n"
    assert run(environment, "resume", "--all").out == "None was paused.\n"
    assert cells(environment)["state"] == "active"


def test_a_triggered_tick_shows_how_it_went(product: Product) -> None:
    run(product.environment, "apply")
    with product.worker("high", "worker"):
        assert run(product.environment, "trigger", "--all").code == 0
        ticked = {}
        for _ in range(20):
            ticked = next(one for one in run(product.environment, "list", "--json").json if one["job"] == JOB)
            if ticked["last_result"] not in {None, "running"}:
                break
    assert ticked["last_result"] == "0 started, 0 still running"
    assert ticked["last_run"].endswith("+00:00")


def test_naming_no_job_and_not_all_is_a_usage_error(environment: dict[str, str]) -> None:
    for arguments in (("pause",), ("resume", JOB, "--all")):
        ran = run(environment, *arguments)
        assert (ran.code, "Name one or more jobs, or give --all." in ran.err) == (2, True)


def test_sixty_runs_that_talk_to_temporal_all_end_well(environment: dict[str, str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", REPEATED, str(RUNS)],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr.split("\n") == ["exit 0"] * RUNS + [""]
    assert ran.stdout.count(f'"job": "{JOB}"') == RUNS
