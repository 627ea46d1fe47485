"""`sellermind jobs`: the catalog as a table."""

import click

from ops.output import Table, examples, json_option, show, span
from schedules.specs import cadence
from sellermind.settings import Settings, load
from workflows.catalog import ON_DEMAND, SCHEDULED, Chore, Job, OnDemand


@click.command("jobs", epilog=examples("sellermind jobs --json"))
@json_option
def command(*, as_json: bool) -> None:
    """List the jobs: queue, cadence of the schedule or "on demand", marketplace, and what each is for."""
    settings = load()
    jobs = (*SCHEDULED, *ON_DEMAND)
    rows = [
        (
            job.name,
            job.task_queue.value,
            "on demand" if isinstance(job, OnDemand) else span(cadence(job, settings)),
            job.marketplace.value if isinstance(job, Job) else "-",
            job.purpose,
        )
        for job in jobs
    ]
    table = Table(("job", "queue", "every", "marketplace", "what for"), rows)
    show([_row(job, settings) for job in jobs], table, as_json=as_json)


def _row(job: Job | Chore | OnDemand, settings: Settings) -> dict[str, object]:
    return {
        "job": job.name,
        "queue": job.task_queue.value,
        "every_seconds": None if isinstance(job, OnDemand) else int(cadence(job, settings).total_seconds()),
        "marketplace": job.marketplace.value if isinstance(job, Job) else None,
        "purpose": job.purpose,
    }
