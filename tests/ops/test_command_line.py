"""The command line itself: help, names, exit codes, where it can be started from."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ops.cli import VERBS, root
from schedules.apply import apply
from sellermind.settings import CHECKOUT, Settings
from sellermind.version import version
from tests.fixtures.command_line import SCRIPT, clean_environment, sellermind
from tests.fixtures.desk import Desk

SLOW = ("temporalio", "sqlalchemy", "httpx", "pydantic", "alembic")


def test_help_lists_every_verb_and_waits_for_no_library_that_only_verbs_need() -> None:
    line = [sys.executable, "-X", "importtime", "-m", "ops", "--help"]
    ran = subprocess.run(line, cwd=CHECKOUT, env=clean_environment(), capture_output=True, text=True, check=True)
    assert all(f"\n  {verb} " in ran.stdout for verb in VERBS)
    assert "sellermind account add --marketplace wb" in ran.stdout
    imported = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
    assert "ops.cli" in imported
    assert not imported & set(SLOW)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_by_example(verb: str) -> None:
    ran = CliRunner().invoke(root, [verb, "--help"], prog_name="sellermind")
    assert ran.exit_code == 0
    assert f"Examples:\n    sellermind {verb}" in ran.output


def test_every_verb_of_a_group_has_its_own_examples() -> None:
    groups = {name: group for name in VERBS if isinstance(group := _verb(name), click.Group)}
    lacking = [
        f"{name} {verb}"
        for name, group in groups.items()
        for verb, command in group.commands.items()
        if f"sellermind {name} {verb}" not in (command.epilog or "")
    ]
    assert (lacking, len(groups) > 5) == ([], True)


def _verb(name: str) -> click.Command | None:
    return root.get_command(click.Context(root), name)


def test_the_version_names_the_build() -> None:
    ran = sellermind("--version", environment=clean_environment())
    assert (ran.code, ran.out.startswith(f"sellermind {version()}")) == (0, True)


def test_an_unknown_verb_is_a_usage_error_in_one_line() -> None:
    ran = sellermind("shedules", environment=clean_environment())
    assert ran.code == 2
    assert "shedules" in ran.sentence


def test_a_missing_option_is_a_usage_error_that_names_the_help() -> None:
    ran = sellermind("account", "add", "--name", "x", environment=clean_environment())
    assert ran.code == 2
    assert ran.sentence == "Missing option '--marketplace'. Choose from: wb, uzum. Try `sellermind account add --help`."


def test_the_script_works_from_any_folder_and_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops" / "__init__.py").write_text("raise SystemExit('the wrong ops')")
    link = tmp_path / "sellermind"
    link.symlink_to(SCRIPT)
    ran = subprocess.run(
        [link, "jobs"], cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0
    assert ran.stdout.startswith("job ")


def test_without_its_venv_the_script_names_make_setup(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    script = shutil.copy(SCRIPT, tmp_path / "bin")
    ran = subprocess.run([script, "jobs"], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr == (
        f"sellermind: not installed: {tmp_path}/.venv/bin/python is missing. Run `make -C '{tmp_path}' setup`.\n"
    )


def test_jobs_are_columns_when_piped_and_json_when_asked() -> None:
    plain = sellermind("jobs", environment=clean_environment())
    assert plain.out.splitlines()[0].split() == ["job", "queue", "every", "marketplace", "what", "for"]
    assert "\x1b" not in plain.out
    faster = clean_environment(SELLERMIND_CADENCE='{"SyncNewWildberriesOrders": 7}')
    (job, *_) = sellermind("jobs", "--json", environment=faster).json
    assert (job["job"], job["queue"], job["every_seconds"]) == ("SyncNewWildberriesOrders", "high", 7)


def test_a_bug_is_one_sentence_and_its_traceback_goes_to_a_private_file(tmp_path: Path) -> None:
    (tmp_path / "boom.py").write_text("raise KeyError('a secret')")
    program = (
        "from pathlib import Path; from ops import cli;"
        f"cli.VERBS['boom'] = ('boom', ''); cli.CRASH_REPORT = Path({str(tmp_path / 'crash.log')!r}); cli.run(['boom'])"
    )
    environment = clean_environment(PYTHONPATH=str(tmp_path))
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    told = "sellermind: This is a bug: KeyError at boom.py:1; please report it."
    assert ran.stderr == f"{told} The traceback is in {tmp_path}/crash.log.\n"
    assert "a secret" in (tmp_path / "crash.log").read_text()
    assert (tmp_path / "crash.log").stat().st_mode & 0o777 == 0o600


def test_a_reader_that_has_enough_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run(
        [sys.executable, "-m", "ops", "jobs"],
        cwd=CHECKOUT,
        env=clean_environment(),
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (ran.returncode, ran.stderr) == (0, "")


async def test_every_verb_takes_the_server_s_address_and_namespace_anywhere_on_its_line(desk: Desk) -> None:
    await apply(desk.client, Settings(_env_file=None))
    address, namespace = desk.environment["TEMPORAL_ADDRESS"], desk.client.namespace
    astray = Desk(
        desk.client,
        desk.engine,
        desk.environment | {"TEMPORAL_ADDRESS": "127.0.0.1:1", "TEMPORAL_NAMESPACE": "nobody's"},
        desk.typist,
    )
    for line in (
        ("schedules", "list", "--json", "--address", address, "--namespace", namespace),
        (f"--address={address}", "schedules:list", f"--namespace={namespace}", "--json"),
        ("--namespace", namespace, "--address", address, "schedules", "list", "--json"),
        ("schedules", "--address", address, "list", "--namespace", namespace, "--json"),
    ):
        ran = await astray.type(*line)
        assert (ran.code, {row["applied"] for row in ran.json}) == (0, {True})
    tctl = ("tctl", "--address", address, "--namespace", namespace, "workflow", "retry", "-w", "nobody/1")
    assert (await astray.type(*tctl)).code == 3
    assert (await astray.type("jobs", "--address", "127.0.0.1:1")).code == 0


async def test_a_wrong_address_is_unreachable_and_a_wrong_namespace_is_unknown(desk: Desk) -> None:
    away = await desk.type("queue", "failed", "--address", "127.0.0.1:1")
    assert (away.code, away.sentence[:43]) == (4, "Temporal does not answer at 127.0.0.1:1; st")
    unknown = await desk.type("queue", "failed", "--namespace", "nobody-s")
    assert (unknown.code, "TEMPORAL_NAMESPACE" in unknown.sentence) == (3, True)
    for option in ("--address", "--namespace"):
        bare = await desk.type("queue", "failed", option)
        assert (bare.code, bare.sentence) == (2, f"Option '{option}' requires an argument.")
        empty = await desk.type("queue", "failed", option, "")
        assert (empty.code, "it is empty" in empty.sentence) == (2, True)
