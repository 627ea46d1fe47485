"""`sellermind down` and `sellermind up`: stand still around a deploy."""

import asyncio
import time
from datetime import timedelta

import click
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client, WorkflowExecutionDescription

from ops import audit
from ops.maintenance import standstill
from ops.outcome import ExitCode, VerbFailed
from ops.output import examples, json_option, numbered, show
from ops.queues.failed_runs import each
from ops.queues.filters import Reason, Span
from ops.queues.visibility import OURS, RUNNING, all_of
from ops.temporal import ask

RUNS = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
LOOK_EVERY = 1.0


@click.command(
    "down",
    epilog=examples(
        'sellermind down --reason "deploy 1.4" --drain 1h',
        "sellermind up",
    ),
)
@click.option("--reason", type=Reason(), default="maintenance", show_default=True, help="Why; shown to who is refused.")
@click.option("--drain", type=Span(), help="Wait this long for the steps that run now; exit 1 if some still do.")
@json_option
def command(*, reason: str, drain: timedelta | None, as_json: bool) -> None:
    """Pause schedules and queues and refuse starts until `sellermind up`; steps that run now go on to their end."""

    async def go(client: Client) -> tuple[bool, list[str], int]:
        was_down = await standstill.current(client) is not None
        paused = await standstill.begin(client, f"{reason} ({audit.who()})")
        return was_down, paused, await _drained(client, drain)

    was_down, paused, running = ask(go)
    audit.record("down", reason=reason, paused=paused, running=running)
    said = f"Down: paused {', '.join(paused) or 'nothing that was not paused already'}."
    answer = {"was_down": was_down, "paused": paused, "running": running}
    show(answer, f"{said} {numbered(running, 'step')} at work.", as_json=as_json)
    if drain and running:
        raise VerbFailed(
            ExitCode.FAILED, f"{numbered(running, 'step')} still at work after the drain; wait, or stop the workers."
        )


async def running_steps(client: Client) -> int:
    """How many activities of ours a worker is at work on."""
    runs = [run.id async for run in client.list_workflows(all_of(OURS, RUNNING))]
    return sum(_steps(described) for described in await each(runs, client) if described)


async def _drained(client: Client, drain: timedelta | None) -> int:
    """Wait until no step runs, or time is up; how many still do."""
    until = time.monotonic() + (drain.total_seconds() if drain else 0)
    while (running := await running_steps(client)) and time.monotonic() < until:  # noqa: ASYNC110 (the server must be asked)
        await asyncio.sleep(LOOK_EVERY)
    return running


def _steps(described: WorkflowExecutionDescription) -> int:
    return sum(step.state == RUNS for step in described.raw_description.pending_activities)
