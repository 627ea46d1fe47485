"""How `sellermind demo --for` ends: the marketplace holds still, the syncs catch up, table and truth must be equal."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import click
import httpx

from ops.demo.comparison import Comparison, told
from ops.demo.sandbox_accounts import SandboxAccounts
from ops.demo.stack import REFRESH_SECONDS, Stack
from ops.outcome import ExitCode, VerbFailed

PATIENCE_SECONDS = 30.0


def demand_equality(stack: Stack, found: SandboxAccounts) -> None:
    """Compare every account's table with the truth and print the counts.

    Raises:
        VerbFailed: they differ (FAILED), or somebody stopped the demo before (INTERRUPTED).
    """
    if stack.interruption.requested:
        raise VerbFailed(ExitCode.INTERRUPTED, "Stopped before the time was over; nothing was compared.")
    try:
        found.control.hold_still()
        stack.board.say("The marketplace holds still; every job runs once more for every account …")
        compared = _caught_up(stack, found)
    except httpx.HTTPError as error:
        raise VerbFailed(
            ExitCode.FAILED, f"The sandbox stopped answering, so nothing was compared; see {stack.folder / 'logs'}."
        ) from error
    click.echo(told(compared))
    if _differ(compared):
        raise VerbFailed(ExitCode.FAILED, "The tables differ from the marketplace; the first differences are above.")


def _caught_up(stack: Stack, found: SandboxAccounts) -> Sequence[Comparison]:
    """The comparison once nothing differs, at the latest when every job has read what holds still.

    Every job runs twice: the first time it may still be at work with what it asked before.
    """
    compared: Sequence[Comparison] = found.compared()
    for _ in range(2):
        if not _differ(compared):
            break
        compared = _after_every_job(stack, found)
    return compared


def _after_every_job(stack: Stack, found: SandboxAccounts) -> Sequence[Comparison]:
    """Start every job now and compare until nothing differs or all are through."""
    since, deadline = datetime.now(UTC), time.monotonic() + PATIENCE_SECONDS
    stack.verb("schedules", "trigger", "--all")
    while True:
        through = found.synced_since(since) or time.monotonic() > deadline
        compared = found.compared()
        if through or not _differ(compared) or stack.interruption.wait(REFRESH_SECONDS):
            return compared
        stack.supervisor.tend()


def _differ(compared: Sequence[Comparison]) -> bool:
    return any(one.differences for one in compared)
