"""The jobs that are for no account: `dispatch` starts them for a run or a task that exists already, or for all rows."""

from dataclasses import dataclass
from typing import TypeVar

import click
from temporalio.exceptions import WorkflowAlreadyStartedError

from ops import audit
from ops.agents import talk, views
from ops.database import database
from ops.dispatch import upkeep
from ops.generation import waiting
from ops.job_names import plain
from ops.maintenance import standstill
from ops.outcome import ExitCode, VerbFailed
from ops.temporal import ask
from schedules import generation as generation_starts
from sellermind.models.agent_records import Run
from sellermind.models.generation import GenerationTask, TaskStatus
from sellermind.settings import load
from sellermind.storage import agent_runs, agent_turns, generation
from sellermind.storage.engine import reading, transaction

Value = TypeVar("Value")


@dataclass(frozen=True)
class Wanted:
    """What the command line says of such a job."""

    company_id: int | None
    run_id: int | None
    task_id: int | None
    message: str | None
    ref: str | None
    wait: bool
    as_json: bool


def dispatch(job_name: str, wanted: Wanted) -> bool:
    """Start a job that is for no account; False if the name is none of theirs.

    Args:
        job_name: any form of RunAgentTaskRun, ContinueAgentRun, ProcessGenerationTask, RemoveOldRows.
        wanted: for which run or task.

    Raises:
        UsageError: it is not said for which.
    """
    start = {
        "runagenttaskrun": _run,
        "continueagentrun": _continue,
        "processgenerationtask": _process,
        "removeoldrows": _remove,
    }.get(plain(job_name))
    if start is None:
        return False
    start(wanted)
    return True


def _run(wanted: Wanted) -> None:
    """Start a run that SellerMind's application made: its task is the first message. One that has ended stays so."""
    run_id = _said(wanted.run_id, "--run N")
    with database(load()) as engine:
        ask(standstill.refuse)
        with views.refusals_told(), transaction(engine) as connection:
            run = agent_runs.get(connection, run_id, wanted.company_id)
            ref = f"task:{run.task_id}"
            ended = run.status not in agent_runs.LIVE
            turn = agent_turns.enqueue(connection, run_id, ref, agent_runs.first_text(connection, run))
            if ended or agent_turns.get(connection, run_id, turn).state not in agent_turns.WAITING:
                raise _answered(run)  # nothing of this transaction stays
        audit.record("dispatch", job="RunAgentTaskRun", run=run_id)
        talk.wake(engine, run, ref, turn, wait=wanted.wait, as_json=wanted.as_json)


def _continue(wanted: Wanted) -> None:
    """Send the next message to a run."""
    run_id, text = _said(wanted.run_id, "--run N"), _said(wanted.message, "--message TEXT")
    with database(load()) as engine:
        ask(standstill.refuse)
        with transaction(engine) as connection:
            run = agent_runs.get(connection, run_id, wanted.company_id)
        talk.send(engine, run, text, wanted.ref, wait=wanted.wait, as_json=wanted.as_json)


def _process(wanted: Wanted) -> None:
    """Start the work on a generation task that SellerMind's application made."""
    task_id = _said(wanted.task_id, "--task N")
    with database(load()) as engine, reading(engine) as connection:
        task = generation.get(connection, task_id, wanted.company_id)
    if task.status not in generation.LIVE:
        raise _settled(task)
    ask(standstill.refuse)
    try:
        ask(lambda client: generation_starts.start(client, task))
    except WorkflowAlreadyStartedError as error:
        raise VerbFailed(ExitCode.REFUSED, f"Task {task_id} is being worked on.") from error
    audit.record("dispatch", job="ProcessGenerationTask", task=task_id)
    waiting.started(task, wait=wanted.wait, as_json=wanted.as_json)


def _remove(wanted: Wanted) -> None:
    """Remove old rows, everybody's."""
    if wanted.company_id is not None:
        raise click.UsageError("RemoveOldRows is for all companies.", click.get_current_context())
    upkeep.remove(wait=wanted.wait, as_json=wanted.as_json)


def _answered(run: Run) -> VerbFailed:
    how = (
        "has answered its task already"
        if run.status in agent_runs.LIVE
        else f"has ended already, as {run.status.value}"
    )
    more = f'`sellermind agent show {run.id}` tells how, `sellermind agent continue {run.id} --message "…"` goes on'
    return VerbFailed(ExitCode.REFUSED, f"Run {run.id} {how}; {more}.")


def _settled(task: GenerationTask) -> VerbFailed:
    again = f"`sellermind generate retry {task.id}` makes what is missing"
    what = f"nothing is missing: `sellermind generate show {task.id}`" if task.status is TaskStatus.DONE else again
    return VerbFailed(ExitCode.REFUSED, f"Task {task.id} has ended already, as {task.status.value}; {what}.")


def _said(value: Value | None, option: str) -> Value:
    if value is None:
        raise click.UsageError(f"Say for what: {option}.", click.get_current_context())
    return value
