"""`sellermind dispatch`: start one job for one account now."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import click
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError, FailureError, WorkflowAlreadyStartedError

from ops import audit
from ops.accounts.states import owned, refuse_foreign, refuse_paused
from ops.database import database
from ops.dispatch.on_demand import Wanted, dispatch
from ops.job_names import begun, job_named
from ops.maintenance import standstill
from ops.outcome import ExitCode, VerbFailed
from ops.output import Table, examples, json_option, show, span
from ops.temporal import ask
from schedules.start import start_for_account
from sellermind import ids
from sellermind.models.accounts import AccountRef
from sellermind.models.sync import SyncReport
from sellermind.queues import TaskQueue
from sellermind.settings import Settings, load
from sellermind.storage.engine import reading
from workflows.catalog import Job


@dataclass(frozen=True)
class Dispatched:
    """A started job, and how it ended if somebody waited for it."""

    job: str
    account: int
    queue: str
    workflow_id: str
    run_id: str | None
    status: str = "started"
    report: SyncReport | None = None
    error_type: str | None = None
    error: str | None = None


@click.command(
    "dispatch",
    epilog=examples(
        "sellermind dispatch SyncNewWildberriesOrders --account 7 --wait",
        "sellermind dispatch SyncNewWildberriesOrdersJob --account 7 --queue low   (the seed's name works too)",
        "sellermind dispatch sync-new-wildberries-orders --account 7 --json",
        "sellermind dispatch RunAgentTaskRun --run 42 --wait",
        'sellermind dispatch ContinueAgentRun --run 42 --message "And yesterday?"',
        "sellermind dispatch ProcessGenerationTask --task 9 --wait",
        "sellermind dispatch RemoveOldRows --wait",
    ),
)
@click.argument("job_name", metavar="JOB", shell_complete=begun)
@click.option("--account", "account_id", type=int, help="Id of the marketplace account.")
@click.option("--company", "company_id", type=int, help="Only if the account, run or task is this company's.")
@click.option("--run", "run_id", type=int, help="Id of the agent's run, for RunAgentTaskRun and ContinueAgentRun.")
@click.option("--task", "task_id", type=int, help="Id of the generation task, for ProcessGenerationTask.")
@click.option("--message", help="What the user says, for ContinueAgentRun.")
@click.option("--ref", help="Your own id of that message: sent twice, it is answered once.")
@click.option("--queue", type=click.Choice([queue.value for queue in TaskQueue]), help="Another queue than the job's.")
@click.option("--wait", is_flag=True, help="Wait for the end and show the report; exit 1 if the run failed.")
@json_option
def command(
    *,
    job_name: str,
    account_id: int | None,
    company_id: int | None,
    run_id: int | None,
    task_id: int | None,
    message: str | None,
    ref: str | None,
    queue: str | None,
    wait: bool,
    as_json: bool,
) -> None:
    """Start JOB for one account (or agent's run, or generation task) now.

    Refused while it is running for that one, and for a run or a task that has ended.
    """
    if dispatch(job_name, Wanted(company_id, run_id, task_id, message, ref, wait, as_json)):
        return
    job = job_named(job_name)
    if account_id is None:
        raise click.UsageError("Say for which account: --account N.", click.get_current_context())
    task_queue = TaskQueue(queue) if queue else job.task_queue
    account = _account(load(), job, account_id, company_id)
    started = ask(lambda client: _start(client, job, account, task_queue, wait=wait))
    audit.record("dispatch", job=job.name, account=account_id, queue=task_queue.value, run=started.run_id)
    show(started, _told(started), as_json=as_json)
    if started.report and started.report.stopped:
        raise VerbFailed(ExitCode.REFUSED, f"{started.report.stopped}.")
    if started.error_type:
        raise VerbFailed(ExitCode.FAILED, f"{started.workflow_id} failed: {started.error_type}: {started.error}")


def _account(settings: Settings, job: Job, account_id: int, company_id: int | None) -> AccountRef:
    """The account, if the job may work on it."""
    with database(settings) as engine, reading(engine) as connection:
        account = owned(connection, account_id, company_id)
    refuse_foreign(account, job)
    refuse_paused(account)
    return AccountRef(id=account.id, company_id=account.company_id, marketplace=account.marketplace, name=account.name)


async def _start(client: Client, job: Job, account: AccountRef, queue: TaskQueue, *, wait: bool) -> Dispatched:
    await standstill.refuse(client)
    try:
        handle = await start_for_account(client, job, account, queue)
    except WorkflowAlreadyStartedError as error:
        raise VerbFailed(ExitCode.REFUSED, await _already(client, job, account)) from error
    started = Dispatched(
        job=job.name,
        account=account.id,
        queue=queue.value,
        workflow_id=handle.id,
        run_id=handle.result_run_id,
    )
    return await _ended(started, handle) if wait else started


async def _already(client: Client, job: Job, account: AccountRef) -> str:
    workflow_id = ids.account_job(job.name, account.id)
    since = (await client.get_workflow_handle(workflow_id).describe()).start_time
    return (
        f"{workflow_id} has been running for {span(datetime.now(UTC) - since)}; an account's job runs once at a time."
    )


async def _ended(started: Dispatched, handle: WorkflowHandle[object, SyncReport]) -> Dispatched:
    """Wait for the end."""
    try:
        report = await handle.result()
    except WorkflowFailureError as failure:
        kind, message = _reason(failure.cause)
        return replace(started, status="failed", error_type=kind, error=message)
    return replace(started, status="completed", report=report)


def _reason(cause: BaseException | None) -> tuple[str, str]:
    """Error type and message of the innermost failure: what the activity met, not who passed it on."""
    while isinstance(cause, FailureError) and cause.cause is not None:
        cause = cause.cause
    kind = cause.type if isinstance(cause, ApplicationError) and cause.type else type(cause).__name__
    return kind, cause.message if isinstance(cause, FailureError) else str(cause)


def _told(started: Dispatched) -> str | Table:
    if started.report is None:
        return f"{started.status}: {started.workflow_id} on queue {started.queue}"
    counts = started.report.model_dump(exclude_none=True)
    return Table(("workflow", *counts), [(started.workflow_id, *map(str, counts.values()))])
