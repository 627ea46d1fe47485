"""`sellermind queue forget` and `queue flush`: delete failed runs and their histories."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click
from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError, RPCStatusCode

from ops import audit
from ops.confirmation import confirm
from ops.failures import SILENT
from ops.outcome import ExitCode, VerbFailed
from ops.output import json_option, numbered, show
from ops.progress import progress
from ops.queues import targets
from ops.queues.filters import LONGEST, Said, company_option
from ops.queues.visibility import FAILED, OURS, all_of, before, equals
from ops.temporal import ask
from sellermind.starts import COMPANY_ID

SHOWN = 10
HOURS = click.IntRange(0, LONGEST // timedelta(hours=1))

yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be deleted, and do nothing.")


@click.command()
@click.argument("ids", nargs=-1, required=True, type=Said(), metavar="ID...")
@company_option
@yes_option
@dry_run_option
@json_option
def forget(*, ids: Sequence[str], company: int | None, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Delete failed runs: they leave the list and cannot be retried any more."""

    async def found(client: Client) -> list[WorkflowExecution]:
        runs = [(await targets.find(client, name, company)).run for name in ids]
        return list({run.run_id: run for run in runs}.values())

    _delete("queue forget", ask(found), yes=yes, dry_run=dry_run, as_json=as_json)


@click.command()
@click.option("--hours", type=HOURS, default=0, help="Only what failed at least so many hours ago.")
@company_option
@yes_option
@dry_run_option
@json_option
def flush(*, hours: int, company: int | None, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Delete every failed run, also those whose retry has succeeded since."""
    conditions = [OURS, FAILED, before("CloseTime", datetime.now(UTC) - timedelta(hours=hours))]
    if company is not None:
        conditions.append(equals(COMPANY_ID.name, company))

    async def found(client: Client) -> list[WorkflowExecution]:
        return [run async for run in client.list_workflows(all_of(*conditions))]

    _delete("queue flush", ask(found), yes=yes, dry_run=dry_run, as_json=as_json)


def _delete(verb: str, runs: Sequence[WorkflowExecution], *, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Preview, ask, delete, say it and write it down."""
    ids = sorted({run.id for run in runs})
    answer = {"runs": len(runs), "workflow_ids": ids, "deleted": not dry_run and bool(runs)}
    if not runs or dry_run:
        would = f"{numbered(len(runs), 'failed run')} would be deleted: {_some(ids)}."
        show(answer, would if runs else "Nothing to delete.", as_json=as_json)
        return
    confirm(f"Delete {numbered(len(runs), 'failed run')} ({_some(ids)})?", yes=yes)
    gone = ask(lambda client: _delete_all(client, runs))
    audit.record(verb, runs=len(runs), workflow_ids=ids)
    show(answer, f"Deleted {numbered(len(runs), 'failed run')}.", as_json=as_json)
    if gone < len(runs):
        raise VerbFailed(ExitCode.FAILED, f"{len(runs) - gone} of them were refused; run it again.")


async def _delete_all(client: Client, runs: Sequence[WorkflowExecution]) -> int:
    """Delete the runs; how many the server took. One that is gone already counts: it is what was asked for."""
    taken = 0
    with progress("deleting", len(runs)) as step:
        for run in runs:
            taken += await _delete_one(client, run)
            step()
    return taken


async def _delete_one(client: Client, run: WorkflowExecution) -> bool:
    try:
        await client.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(
                namespace=client.namespace,
                workflow_execution=Execution(workflow_id=run.id, run_id=run.run_id),
            )
        )
    except RPCError as error:
        if error.status in SILENT:
            raise
        return error.status is RPCStatusCode.NOT_FOUND
    return True


def _some(ids: Sequence[str]) -> str:
    """The ids, as many as a line takes."""
    named = ", ".join(ids[:SHOWN])
    return named if len(ids) <= SHOWN else f"{named} and {len(ids) - SHOWN} more"
