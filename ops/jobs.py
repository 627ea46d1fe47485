"""`sellermind jobs`: the catalog as a table."""

import click

from ops.output import Table, examples, json_option, show, span
from schedules.specs import cadence
from sellermind.settings import load
from workflows.catalog import JOBS, ON_DEMAND


@click.command("jobs", epilog=examples("sellermind jobs --json"))
@json_option
def command(*, as_json: bool) -> None:
    """List the jobs: queue, cadence of the schedule or "on demand", marketplace, and what each is for."""
    settings = load()
    jobs: list[dict[str, object]] = [
        {
            "job": job.name,
            "queue": job.task_queue.value,
            "every_seconds": int(cadence(job, settings).total_seconds()),
            "marketplace": job.marketplace.value,
            "purpose": job.purpose,
        }
        for job in JOBS
    ]
    jobs += [
        {
            "job": job.name,
            "queue": job.task_queue.value,
            "every_seconds": None,
            "marketplace": None,
            "purpose": job.purpose,
        }
        for job in ON_DEMAND
    ]
    rows = [
        (job.name, job.task_queue.value, span(cadence(job, settings)), job.marketplace.value, job.purpose)
        for job in JOBS
    ]
    rows += [(job.name, job.task_queue.value, "on demand", "-", job.purpose) for job in ON_DEMAND]
    show(jobs, Table(("job", "queue", "every", "marketplace", "what for"), rows), as_json=as_json)
