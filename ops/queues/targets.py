"""Runs by what a person types: a workflow id, a run id, or the short id of `queue failed`."""

from collections.abc import Sequence

from temporalio.client import Client, WorkflowExecution

from ops.outcome import ExitCode, VerbFailed
from ops.queues import failed_runs, histories
from ops.queues.failed_runs import SHORT, Candidate, FailedRun, is_retryable
from ops.queues.visibility import FAILED, OURS, all_of, equals
from sellermind.starts import COMPANY_ID


async def find(client: Client, typed: str, company: int | None = None) -> FailedRun:
    """One failed run with its story.

    Args:
        client: the connection to Temporal.
        typed: a workflow id, a run id, or the end of one.
        company: whose it must be.

    Raises:
        VerbFailed: there is none (NOT_FOUND), several (REFUSED), or it has not failed (REFUSED).
    """
    (run,) = await resolve(client, [typed], company)
    if not is_retryable(run):
        raise VerbFailed(ExitCode.REFUSED, f"{run.id} has not failed: {state_of(run)}.")
    return FailedRun(run, await histories.read(client, run.id, run.run_id))


async def resolve(client: Client, typed: Sequence[str], company: int | None = None) -> list[WorkflowExecution]:
    """The runs that they mean, each once: the current run of a workflow id, or the failed run with that (end of) id.

    Args:
        client: the connection to Temporal.
        typed: workflow ids, run ids, or the ends of some.
        company: whose they must be; another company's runs are as if they did not exist.

    Raises:
        VerbFailed: one of them is unknown (NOT_FOUND) or means several (REFUSED).
    """
    failed: list[Candidate] | None = None
    whose = [] if company is None else [equals(COMPANY_ID.name, company)]
    found = []
    for name in typed:
        run: WorkflowExecution | None = await failed_runs.current_run(client, name)
        if run is None:
            if failed is None:
                failed = await failed_runs.candidates(client, all_of(OURS, FAILED, *whose))
            run = _by_run_id(name, failed)
        refuse_strangers(run, name, company)
        found.append(run)
    return list({run.run_id: run for run in found}.values())


def refuse_strangers(run: WorkflowExecution, typed: str, company: int | None) -> None:
    """Where a company is named, other companies' runs are as if they did not exist.

    Raises:
        VerbFailed: it is another company's, or nobody's (NOT_FOUND).
    """
    if company is not None and run.typed_search_attributes.get(COMPANY_ID) != company:
        raise _unknown(typed)


def state_of(run: WorkflowExecution) -> str:
    """The run's status as a word: `running`, `completed`."""
    return run.status.name.lower() if run.status else "in an unknown state"


def _by_run_id(name: str, failed: Sequence[Candidate]) -> WorkflowExecution:
    matches = [one.run for one in failed if len(name) >= SHORT and one.run.run_id.endswith(name)]
    if not matches:
        raise _unknown(name)
    if len(matches) > 1:
        raise VerbFailed(ExitCode.REFUSED, f"{name} means {len(matches)} runs; give the workflow id instead.")
    return matches[0]


def _unknown(name: str) -> VerbFailed:
    return VerbFailed(ExitCode.NOT_FOUND, f"There is no run {name}; `sellermind queue failed` lists what failed.")
