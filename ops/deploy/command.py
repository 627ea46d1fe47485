"""`sellermind deploy …`: the code that runs, and the code that is to run."""

import asyncio
import time
from datetime import timedelta

import click
from temporalio.client import Client

from ops import audit
from ops.deploy import versions
from ops.deploy.checking import check
from ops.outcome import ExitCode, VerbFailed
from ops.output import Table, examples, json_option, show
from ops.queues.filters import Span
from ops.temporal import ask
from sellermind.settings import Settings, load
from sellermind.version import build_id

LOOK_EVERY = 0.5


@click.group(
    "deploy",
    epilog=examples(
        "sellermind deploy check                 does this code go on with the runs that are there?",
        "sellermind deploy status                with SELLERMIND_DEPLOYMENT: the builds, and who works for them",
        "sellermind deploy promote --wait 1m     what starts from now on goes to this checkout's build",
    ),
)
def command() -> None:
    """Check new code against the runs that are there; decide which build gets what starts."""


command.add_command(check)


@command.command()
@json_option
def status(*, as_json: bool) -> None:
    """List the builds of the deployment: current, draining (runs that stay with it), drained, waiting."""
    deployment = _deployment(load())
    found = ask(lambda client: versions.versions(client, deployment))
    rows = [(one.build, one.status, str(one.workers), " ".join(one.queues)) for one in found]
    empty = f"No worker of deployment {deployment} yet: start `python -m workers.high`."
    show(found, Table(("build", "status", "workers", "queues"), rows, empty), as_json=as_json)


@command.command()
@click.argument("build", required=False)
@click.option("--wait", type=Span(), default="1s", help="Wait this long for the build's workers.")
@click.option("--unversioned", is_flag=True, help="Give the work back to workers without SELLERMIND_DEPLOYMENT.")
@json_option
def promote(*, build: str | None, wait: timedelta, unversioned: bool, as_json: bool) -> None:
    """Let BUILD (left out: this checkout's) get what starts from now on; agent runs end where they began."""
    settings = load()
    deployment = _deployment(settings)
    if unversioned and build:
        raise VerbFailed(ExitCode.USAGE, "A build and --unversioned exclude each other; leave one of them out.")
    chosen = "" if unversioned else build or build_id(settings.commit)

    ask(lambda client: _promote(client, deployment, chosen, wait))
    audit.record("deploy promote", deployment=deployment, build=chosen or "unversioned")
    said = f"Build {chosen} is current." if chosen else "Workers without a version get what starts."
    show({"deployment": deployment, "current": chosen or None}, said, as_json=as_json)


async def _promote(client: Client, deployment: str, build: str, patience: timedelta) -> None:
    """Promote a build as soon as its workers poll what the others poll, and the server has noted that they do.

    Raises:
        VerbFailed: as `versions.promote`, at the end of the patience.
    """
    until = time.monotonic() + patience.total_seconds()
    while True:
        try:
            return await versions.promote(client, deployment, build)
        except VerbFailed:
            if time.monotonic() >= until:
                raise
        await asyncio.sleep(LOOK_EVERY)


def _deployment(settings: Settings) -> str:
    if not settings.deployment:
        raise VerbFailed(
            ExitCode.FAILED, "SELLERMIND_DEPLOYMENT is not set, so workers have no versions; set it for them and here."
        )
    return settings.deployment
