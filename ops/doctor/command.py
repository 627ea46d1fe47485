"""`sellermind doctor`: every dependency, and what to do about it."""

import click
from temporalio.client import Client

from ops import audit
from ops.database import answering
from ops.doctor import local_checks, temporal_checks
from ops.doctor.findings import Finding, Verdict
from ops.failures import told
from ops.outcome import ExitCode, VerbFailed
from ops.output import Table, examples, json_option, show
from ops.temporal import ask
from sellermind.settings import Settings, load


@click.command("doctor", epilog=examples("sellermind doctor", "sellermind doctor --fix", "sellermind doctor --json"))
@click.option("--fix", is_flag=True, help="Do what is safe: search attributes, schedules, retention.")
@json_option
def command(*, fix: bool, as_json: bool) -> None:
    """Check every dependency: OK, WARN or FAIL, each with its remedy; exit 1 if one fails."""
    settings = load()
    found = _examine(settings)
    mended = [one.check for one in found if one.mends]
    if fix and mended:
        ask(lambda client: temporal_checks.mend(client, settings))
        audit.record("doctor --fix", mended=mended)
        found = _examine(settings)
    rows = [(one.verdict.value, one.check, one.found, one.fix) for one in found]
    show(found, Table(("", "check", "found", "what to do"), rows), as_json=as_json)
    failed = sorted({one.check for one in found if one.verdict is Verdict.FAIL})
    if failed:
        raise VerbFailed(ExitCode.FAILED, f"Not well: {', '.join(failed)}.")


def _examine(settings: Settings) -> list[Finding]:
    return [*local_checks.check_machine(settings), *_database(settings), *_temporal(settings)]


def _database(settings: Settings) -> list[Finding]:
    try:
        with told():
            engine = answering(settings)
            try:
                return local_checks.check_database(engine, settings)
            finally:
                engine.dispose()
    except VerbFailed as error:
        return [Finding("database", Verdict.FAIL, str(error), "see that it runs; check SELLERMIND_DATABASE_URL")]


def _temporal(settings: Settings) -> list[Finding]:
    async def examine(client: Client) -> list[Finding]:
        return await temporal_checks.check(client, settings)

    try:
        with told():
            return ask(examine)
    except VerbFailed as error:
        return [Finding("temporal", Verdict.FAIL, str(error), "start it; check TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE")]
