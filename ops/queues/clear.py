"""`sellermind queue clear`: take back what has not begun."""

from dataclasses import dataclass, field

import click
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from ops import audit
from ops.confirmation import confirm
from ops.output import json_option, numbered, show
from ops.progress import progress
from ops.queues.failed_runs import each
from ops.queues.filters import Reason, company_option
from ops.queues.names import begun, queue_named
from ops.queues.visibility import RUNNING, all_of, equals
from ops.temporal import ask
from sellermind.queues import TaskQueue
from sellermind.starts import COMPANY_ID

WAITS = PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
BEGINNING = 4
"""Events of a run before its first step: started, and one workflow task."""


@dataclass
class Found:
    """Open runs of a queue."""

    not_started: list[WorkflowExecutionDescription] = field(default_factory=list)
    running: list[WorkflowExecutionDescription] = field(default_factory=list)


@dataclass
class Ended:
    """Workflow ids by what became of them."""

    cleared: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    """Begun since they were found, and left alone."""


@click.command()
@click.argument("queue_name", metavar="QUEUE", shell_complete=begun)
@company_option
@click.option("--running", is_flag=True, help="Also those that have begun: they are cancelled, and may clean up.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Say what would be cleared, and do nothing.")
@click.option("--reason", type=Reason(), default="sellermind queue clear", help="Why; shown in the Web UI.")
@json_option
def clear(
    *, queue_name: str, company: int | None, running: bool, yes: bool, dry_run: bool, reason: str, as_json: bool
) -> None:
    """End the runs of QUEUE whose first step has not begun. The next tick of a schedule starts its jobs anew."""
    queue = queue_named(queue_name)
    found = ask(lambda client: _find(client, queue, company))
    count = len(found.not_started) + (len(found.running) if running else 0)
    preview = f"{queue}: {len(found.not_started)} not started, {len(found.running)} running."
    if dry_run or not count:
        said = f"{count} would be cleared." if count else "Nothing to clear."
        show(_answer(queue, found, Ended()), f"{preview} {said}", as_json=as_json)
        return
    confirm(f"{preview} End {count} of them?", yes=yes)
    ended = ask(lambda client: _end(client, found, reason, running=running))
    audit.record("queue clear", queue=queue.value, runs=len(ended.cleared), workflow_ids=ended.cleared, reason=reason)
    left = f"; {len(ended.begun)} had begun meanwhile, left alone" if ended.begun else ""
    show(
        _answer(queue, found, ended),
        f"Cleared {numbered(len(ended.cleared), 'run')} of {queue}{left}.",
        as_json=as_json,
    )


def _answer(queue: TaskQueue, found: Found, ended: Ended) -> dict[str, object]:
    return {
        "queue": queue.value,
        "not_started": len(found.not_started),
        "running": len(found.running),
        "cleared": len(ended.cleared),
        "begun_meanwhile": len(ended.begun),
    }


async def _find(client: Client, queue: TaskQueue, company: int | None) -> Found:
    whose = [] if company is None else [equals(COMPANY_ID.name, company)]
    query = all_of(equals("TaskQueue", queue), RUNNING, *whose)
    runs = [run.id async for run in client.list_workflows(query)]
    found = Found()
    for described in await each(runs, client):
        if described and not described.close_time:
            (found.not_started if _not_started(described) else found.running).append(described)
    return found


def _not_started(described: WorkflowExecutionDescription) -> bool:
    """Whether no step has begun; a history longer than a beginning counts as begun."""
    steps = described.raw_description.pending_activities
    untouched = all(step.state == WAITS and step.attempt <= 1 for step in steps)
    return untouched and described.history_length <= BEGINNING + len(steps)


async def _end(client: Client, found: Found, reason: str, *, running: bool) -> Ended:
    """End what was found, each by how it stands now: while a person read the question, workers went on."""
    ended = Ended()
    wanted = [*found.not_started, *(found.running if running else ())]
    with progress("clearing", len(wanted)) as step:
        for run in wanted:
            await _end_one(client, run, reason, ended, running=running)
            step()
    return ended


async def _end_one(
    client: Client, run: WorkflowExecutionDescription, reason: str, ended: Ended, *, running: bool
) -> None:
    handle = client.get_workflow_handle(run.id, run_id=run.run_id)
    try:
        # Right before: the server knows no "only if it has not begun", so the time of one call remains.
        now = await handle.describe()
        if now.close_time:
            return
        if _not_started(now):
            await handle.terminate(reason=reason)
        elif running:
            await handle.cancel()
        else:
            ended.begun.append(run.id)
            return
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:  # it has ended by itself
            raise
        return
    ended.cleared.append(run.id)
