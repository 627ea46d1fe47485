"""`sellermind queue retry`: run again what failed, from the step that failed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import click
from temporalio.client import Client, WorkflowExecution, WorkflowFailureError
from temporalio.service import RPCError, RPCStatusCode

from ops import audit
from ops.database import database
from ops.maintenance import standstill
from ops.outcome import ExitCode, VerbFailed
from ops.output import Table, columns_of, json_option, show
from ops.progress import progress
from ops.queues import failed_runs, targets
from ops.queues.failed_runs import AT_ONCE, Candidate, Wanted, account_of
from ops.queues.filters import Reason, Said, filter_options, wanted
from ops.queues.retrying import Order, Retried, Skipped, retry
from ops.temporal import ask
from sellermind.models.accounts import Account
from sellermind.redaction import shown
from sellermind.settings import load
from sellermind.storage import accounts
from sellermind.storage.engine import reading

ALL = "all"
SAID = 200
"""Characters of what the server says of a query: it repeats all of it."""


@dataclass(frozen=True)
class Outcome:
    """What a retry did."""

    retried: list[Retried] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    failed_again: list[str] = field(default_factory=list)
    """Workflow ids; known only to those who wait."""


@click.command("retry")
@click.argument("ids", nargs=-1, required=True, type=Said(), metavar="ID...|all")
@filter_options
@click.option("--query", type=Said(), help="A visibility query, for what the filters cannot say.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many, the latest failures first.")
@click.option(
    "--from", "begin", type=click.Choice(["failed-step", "start"]), default="failed-step", help="What to run again."
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--wait", is_flag=True, help="Wait for the ends; exit 1 if one fails again.")
@click.option("--reason", type=Reason(), default="sellermind queue retry", help="Why; shown in the Web UI.")
@json_option
def command(
    *,
    ids: Sequence[str],
    job: str | None,
    account: int | None,
    company: int | None,
    marketplace: str | None,
    error: str | None,
    since: timedelta | None,
    query: str | None,
    limit: int | None,
    begin: str,
    dry_run: bool,
    wait: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Run failed jobs again from the step that failed; finished steps are kept. Safe to repeat."""
    filters = replace(wanted(job, account, company, marketplace, error, since), query_text=query)
    if (replace(filters, company=None) != Wanted() or limit or ALL in ids) and list(ids) != [ALL]:
        raise click.UsageError("Filters go with `all`, and `all` with no id.", click.get_current_context())
    order = Order(reason, from_start=begin == "start", dry_run=dry_run)
    outcome = ask(lambda client: run(client, ids, filters, limit, order, wait=wait))
    if not dry_run:
        record(ids, outcome)
    show(outcome, told(outcome, dry_run=dry_run), as_json=as_json)
    judge(ids, outcome)


async def run(
    client: Client, ids: Sequence[str], filters: Wanted, limit: int | None, order: Order, *, wait: bool
) -> Outcome:
    """Retry runs.

    Args:
        client: the connection to Temporal.
        ids: workflow ids, run ids or short ids; or `all`.
        filters: which of all; of ids, only the company's.
        limit: at most so many of all.
        order: from where, and why.
        wait: for their ends.

    Raises:
        VerbFailed: an id is unknown, or the service is down for maintenance.
    """
    if not order.dry_run:
        await standstill.refuse(client)
    outcome = Outcome()
    if list(ids) == [ALL]:
        runs = await _all(client, filters, limit, outcome)
    else:
        runs = await targets.resolve(client, ids, filters.company)
    order = Order(order.reason, order.from_start, order.dry_run, _accounts(runs))
    with progress("retrying", len(runs)) as step:
        for done in await _in_parallel([retry(client, run, order) for run in runs], step):
            (outcome.retried if isinstance(done, Retried) else outcome.skipped).append(done)
    if wait and not order.dry_run:
        with progress("waiting", len(outcome.retried)) as step:
            ends = await _in_parallel([_fails(client, one) for one in outcome.retried], step)
        outcome.failed_again.extend(one.workflow_id for one, fails in zip(outcome.retried, ends, strict=True) if fails)
    return outcome


async def _all(client: Client, filters: Wanted, limit: int | None, outcome: Outcome) -> list[WorkflowExecution]:
    """Every current failed run; what is no longer one is noted as skipped."""
    found = await _found(client, filters)
    outcome.skipped.extend(
        Skipped(one.run.id, one.run.run_id, one.superseded) for one in found if one.superseded is not None
    )
    if filters.error is None:
        return [one.run for one in found if not one.superseded][:limit]
    return [failed.run async for failed in failed_runs.told(client, found, filters.error)][:limit]


async def _found(client: Client, filters: Wanted) -> list[Candidate]:
    """Every failed run that the filters choose.

    Raises:
        VerbFailed: the operator's own query is none (USAGE).
    """
    try:
        return await failed_runs.candidates(client, filters.query())
    except RPCError as error:
        if filters.query_text is None or error.status is not RPCStatusCode.INVALID_ARGUMENT:
            raise
        said = " ".join(shown(error.message).split())
        short = said if len(said) <= SAID else f"{said[:SAID]}…"
        raise VerbFailed(ExitCode.USAGE, f"Temporal does not understand the query: {short.rstrip('.')}.") from error


def _accounts(runs: Sequence[WorkflowExecution]) -> Mapping[int, Account] | None:
    """Which accounts there are; not asked when no run has one."""
    if all(account_of(run) is None for run in runs):
        return None
    with database(load()) as engine, reading(engine) as connection:
        return {account.id: account for account in accounts.list_accounts(connection)}


async def _in_parallel(questions: Sequence[Any], step: Any) -> list[Any]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(question: Any) -> Any:
        async with gate:
            answer = await question
        step()
        return answer

    return list(await asyncio.gather(*(one(question) for question in questions)))


async def _fails(client: Client, retried: Retried) -> bool:
    """Wait for a new run's end; whether it failed again."""
    try:
        await client.get_workflow_handle(retried.workflow_id, run_id=retried.new_run_id).result()
    except WorkflowFailureError:
        return True
    return False


def record(ids: Sequence[str], outcome: Outcome) -> None:
    """One line in the operator's log."""
    runs = {one.workflow_id: one.new_run_id for one in outcome.retried}
    audit.record("queue retry", asked=list(ids), retried=len(runs), skipped=len(outcome.skipped), runs=runs)


def told(outcome: Outcome, *, dry_run: bool) -> str:
    """The outcome for a person: a line a run, then the numbers."""
    rows = [
        (one.workflow_id, "would retry" if dry_run else "retried", f"from {one.step} (event {one.event_id})")
        for one in outcome.retried
    ]
    rows += [(one.workflow_id, "skipped", one.reason) for one in outcome.skipped]
    rows += [(workflow_id, "failed again", "") for workflow_id in outcome.failed_again]
    if not rows:
        return "Nothing to retry."
    counts = f"{len(outcome.retried)} {'would be ' if dry_run else ''}retried, {len(outcome.skipped)} skipped."
    return "\n".join([*columns_of(Table(("workflow", "what", "why"), rows)), counts])


def judge(ids: Sequence[str], outcome: Outcome) -> None:
    """The exit code.

    Raises:
        VerbFailed: a run failed again (FAILED), or one that was named was left alone (REFUSED).
    """
    if outcome.failed_again:
        raise VerbFailed(ExitCode.FAILED, f"Failed again: {', '.join(outcome.failed_again)}.")
    if list(ids) != [ALL] and outcome.skipped:
        reasons = "; ".join(f"{one.workflow_id}: {one.reason}" for one in outcome.skipped)
        raise VerbFailed(ExitCode.REFUSED, f"Left alone: {reasons}.")
