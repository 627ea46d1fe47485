"""`sellermind queue stuck` and `queue unstick`: what does not go on, why, and a push."""

from datetime import UTC, datetime, timedelta

import click
from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflowservice.v1 import ResetActivityRequest, UnpauseActivityRequest
from temporalio.client import Client

from ops import audit
from ops.outcome import ExitCode, VerbFailed
from ops.output import Table, json_option, show, span
from ops.queues.failed_runs import current_run
from ops.queues.filters import Said, Span, company_option
from ops.queues.people import waiting_for_people
from ops.queues.queue_states import queue_states
from ops.queues.stuck_runs import StuckRun, stuck_runs
from ops.queues.targets import refuse_strangers, state_of
from ops.temporal import ask
from sellermind.settings import load

COLUMNS = ("workflow", "job", "account", "queue", "for", "attempt", "reason", "last failure")
WIDTH = 80
RUNS = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED


@click.command("stuck")
@click.option("--older", type=Span(), help="Running for longer than this: 30m, 2h. Usually an hour, six for AI jobs.")
@company_option
@json_option
def stuck(*, older: timedelta | None, company: int | None, as_json: bool) -> None:
    """List runs that do not go on, with the reason; those that wait for a person or a paused queue are listed too."""
    waiting = waiting_for_people(load())

    async def found(client: Client) -> list[StuckRun]:
        queues = {queue.queue: queue for queue in await queue_states(client)}
        return await stuck_runs(client, queues, waiting, older, company)

    runs = ask(found)
    show(runs, Table(COLUMNS, [_row(run) for run in runs], empty="Nothing is stuck."), as_json=as_json)


@click.command("unstick")
@click.argument("workflow_id", type=Said(), metavar="ID")
@company_option
@json_option
def unstick(*, workflow_id: str, company: int | None, as_json: bool) -> None:
    """Let the waiting steps of a run try again now: attempts count from one, a pause is lifted."""
    steps = ask(lambda client: _push(client, workflow_id, company))
    audit.record("queue unstick", workflow_id=workflow_id, steps=steps)
    show(
        {"workflow_id": workflow_id, "steps": steps}, f"{workflow_id} tries again: {', '.join(steps)}.", as_json=as_json
    )


async def _push(client: Client, workflow_id: str, company: int | None) -> list[str]:
    """Reset the run's steps that wait for an attempt; their names."""
    run = await current_run(client, workflow_id)
    if run is None:
        raise VerbFailed(ExitCode.NOT_FOUND, f"There is no run {workflow_id}; `sellermind queue stuck` lists some.")
    refuse_strangers(run, workflow_id, company)
    waiting = [step for step in run.raw_description.pending_activities if step.state != RUNS]
    if not waiting:
        raise VerbFailed(
            ExitCode.REFUSED,
            f"No step of {workflow_id} waits for an attempt: it is {state_of(run)}. `sellermind queue stuck` has the "
            "reason; `sellermind queue retry` is for what failed.",
        )
    execution = Execution(workflow_id=workflow_id, run_id=run.run_id)
    for step in waiting:
        if step.paused:
            await client.workflow_service.unpause_activity(
                UnpauseActivityRequest(
                    namespace=client.namespace, execution=execution, identity=client.identity, id=step.activity_id
                )
            )
        await client.workflow_service.reset_activity(
            ResetActivityRequest(
                namespace=client.namespace, execution=execution, identity=client.identity, id=step.activity_id
            )
        )
    return [step.activity_type.name for step in waiting]


def _row(run: StuckRun) -> tuple[str, ...]:
    failure = " ".join((run.last_failure or "").split())
    return (
        run.workflow_id,
        run.job,
        "-" if run.account is None else str(run.account),
        run.queue,
        span(datetime.now(UTC) - run.since),
        "-" if run.attempt is None else str(run.attempt),
        run.reason,
        failure if len(failure) <= WIDTH else f"{failure[: WIDTH - 1]}…",
    )
