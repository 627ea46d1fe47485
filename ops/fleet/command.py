"""`sellermind workers …`: who works, and how many should."""

from datetime import timedelta

import click

from ops.fleet.plan import plan
from ops.output import Table, examples, json_option, show, span
from ops.queues.queue_states import SILENT_AFTER, WorkerState, worker_states
from ops.temporal import ask

COLUMNS = ("process", "host", "queue", "status", "busy", "slots", "heard of", "version")


@click.group(
    "workers",
    epilog=examples(
        "sellermind workers status",
        "sellermind workers plan --per-hour 300 --avg 15",
        "sellermind workers plan     (from the last hour, queue by queue)",
    ),
)
def command() -> None:
    """The worker processes, as Temporal sees them."""


command.add_command(plan)


@command.command()
@json_option
def status(*, as_json: bool) -> None:
    """List the workers: host, queue, slots, age of the last heartbeat. `silent` ones are frozen, killed or cut off."""
    found = [worker for worker in ask(worker_states) if _matters(worker)]
    table = Table(COLUMNS, [_row(worker) for worker in found], empty="No workers: start `python -m workers.high`.")
    show(found, table, as_json=as_json)


def _matters(worker: WorkerState) -> bool:
    """Whether it works, should, or has only just stopped."""
    return worker.status in {"running", "silent"} or worker.heartbeat_age_seconds < SILENT_AFTER.total_seconds()


def _row(worker: WorkerState) -> tuple[str, ...]:
    return (
        worker.identity,
        worker.host,
        worker.queue,
        worker.status,
        str(worker.slots_used),
        str(worker.slots),
        f"{span(timedelta(seconds=worker.heartbeat_age_seconds))} ago",
        worker.version,
    )
