"""`sellermind queue stats` and `queue monitor`: what waits, and whether that is too much."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

import click

from ops.outcome import ExitCode, VerbFailed
from ops.output import Table, columns_of, json_option, show
from ops.queues.filters import Span
from ops.queues.names import begun, queues_named
from ops.queues.overview import DRIVER, Overview, overview
from ops.queues.people import waiting_for_people
from ops.queues.queue_states import QueueState, queue_states
from ops.temporal import ask
from sellermind.queues import TaskQueue
from sellermind.settings import load

COLUMNS = ("queue", "waiting", "oldest", "in/s", "out/s", "workers", "busy", "slots", "state")
LONGEST_WAIT = {TaskQueue.HIGH: 60.0, TaskQueue.DEFAULT: 300.0, TaskQueue.LOW: 1800.0}
"""Seconds a task may wait before `monitor` raises the alarm."""


@dataclass(frozen=True)
class Watched:
    """One queue under watch, with the keys of Laravel's `queue:monitor --json`."""

    connection: str
    queue: str
    size: int
    pending: int
    delayed: int
    reserved: int
    oldest_pending: float | None
    status: str


@click.command("stats")
@json_option
def stats(*, as_json: bool) -> None:
    """Show how much is pending, failed and stuck, and how each queue stands."""
    waiting = waiting_for_people(load())
    found = ask(lambda client: overview(client, waiting))
    answer = {
        "driver": DRIVER,
        "pending": found.pending,
        "failed": found.failed,
        "stuck": found.stuck,
        "queues": [_queue(queue) for queue in found.queues],
    }
    show(answer, _page(found), as_json=as_json)


@click.command("monitor")
@click.argument("queues", nargs=-1, metavar="[QUEUE]...", shell_complete=begun)
@click.option("--max", "most", type=click.IntRange(min=1), default=1000, show_default=True, help="Tasks that may wait.")
@click.option("--max-age", type=Span(), help="How long the oldest may wait; usually 60s, 5m and 30m by queue.")
@json_option
def monitor(*, queues: Sequence[str], most: int, max_age: timedelta | None, as_json: bool) -> None:
    """Exit 1 if a QUEUE, of several or of all, is too long or waits for too long."""
    wanted = queues_named(queues) or list(TaskQueue)
    states = [state for state in ask(queue_states) if state.queue in wanted]
    watched = [_watch(state, most, max_age) for state in states]
    rows = [(each.queue, str(each.size), f"{each.oldest_pending or 0:.0f} s", each.status) for each in watched]
    show(watched, Table(("queue", "size", "oldest", "status"), rows), as_json=as_json)
    alerts = [each.queue for each in watched if each.status == "ALERT"]
    if alerts:
        raise VerbFailed(ExitCode.FAILED, f"Too much waits in {', '.join(alerts)}; `sellermind queue stats` says more.")


def _watch(state: QueueState, most: int, max_age: timedelta | None) -> Watched:
    longest = max_age.total_seconds() if max_age else LONGEST_WAIT[TaskQueue(state.queue)]
    too_much = state.backlog >= most or state.oldest_seconds > longest
    return Watched(
        connection=DRIVER,
        queue=state.queue,
        size=state.backlog,
        pending=state.backlog,
        delayed=0,  # a step that waits for its next attempt is not in the queue
        reserved=state.slots_used,
        oldest_pending=state.oldest_seconds if state.backlog else None,
        status="ALERT" if too_much else "OK",
    )


def _queue(state: QueueState) -> dict[str, object]:
    answer = asdict(state)
    if state.pause_reason is None:
        del answer["pause_reason"]
    return answer


def _page(found: Overview) -> str:
    """The seed's table, its warning, and the queues."""
    lines: Sequence[str] = (
        f"Queue Driver: {DRIVER}",
        "",
        *columns_of(Table(("Status", "Count"), [("Pending", str(found.pending)), ("Failed", str(found.failed))])),
        "",
        *columns_of(Table(COLUMNS, [_row(queue) for queue in found.queues])),
    )
    if found.stuck:
        lines = [*lines, "", f"⚠️  Found {found.stuck} stuck jobs; `sellermind queue stuck` says why."]
    return "\n".join(lines)


def _row(queue: QueueState) -> tuple[str, ...]:
    state = f"paused: {queue.pause_reason}" if queue.paused else ("open" if queue.workers else "nobody polls")
    return (
        queue.queue,
        str(queue.backlog),
        f"{queue.oldest_seconds:.0f} s" if queue.backlog else "-",
        f"{queue.add_rate:g}",
        f"{queue.dispatch_rate:g}",
        str(queue.workers),
        str(queue.slots_used),
        str(queue.slots),
        state,
    )
