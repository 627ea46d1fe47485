"""A job by any name people type: the workflow type, the seed's class name, or kebab-case."""

import difflib
from collections.abc import Sequence

import click

from ops.outcome import ExitCode, VerbFailed
from sellermind import ids
from workflows.catalog import CHORES, JOBS, ON_DEMAND, SCHEDULED, Chore, Job


def job_named(name: str) -> Job:
    """The catalog's job for `SyncUzumOrders`, `SyncUzumOrdersJob`, `sync-uzum-orders` or `sync_uzum_orders`.

    Raises:
        VerbFailed: there is none (NOT_FOUND); the message names the closest and lists them all.
    """
    return _found(name, [*(job.name for job in (*SCHEDULED, *ON_DEMAND)), "ContinueAgentRun"])


def scheduled_job(name: str) -> Job | Chore:
    """The same for a verb of schedules, which an on-demand job has none of.

    Raises:
        VerbFailed: there is none (NOT_FOUND); the message names the closest and lists those with a schedule.
    """
    on_demand = next((job.name for job in ON_DEMAND if plain(job.name) == plain(name)), None)
    if on_demand:
        raise VerbFailed(ExitCode.NOT_FOUND, f"{on_demand} has no schedule: it starts when somebody asks for it.")
    chore = next((chore for chore in CHORES if plain(chore.name) == plain(name)), None)
    return chore or _found(name, [job.name for job in SCHEDULED])


def _found(name: str, known: Sequence[str]) -> Job:
    """The job of that name; without one, the names in `known` are what the person may have meant."""
    wanted = plain(name)
    for job in JOBS:
        if plain(job.name) == wanted:
            return job
    close = difflib.get_close_matches(wanted, [plain(job) for job in known], n=1, cutoff=0.4)
    closest = next((f" Did you mean {job}?" for job in known if [plain(job)] == close), "")
    raise VerbFailed(ExitCode.NOT_FOUND, f"There is no job {name}.{closest} The jobs: {', '.join(known)}.")


def begun(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    """The shell's completion of a job's name."""
    return [job.name for job in SCHEDULED if job.name.lower().startswith(typed.lower())]


def plain(name: str) -> str:
    """Lower case without separators and without the seed's `Job` at the end."""
    return ids.kebab(name).replace("-", "").replace("_", "").lower().removesuffix("job")
