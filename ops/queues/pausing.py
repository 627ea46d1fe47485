"""`sellermind queue pause` and `queue resume`: a queue hands out no steps; the others go on."""

from collections.abc import Sequence
from datetime import timedelta

import click
from temporalio.client import Client

from ops import audit
from ops.maintenance import standstill
from ops.outcome import ExitCode, VerbFailed
from ops.output import json_option, show, span
from ops.queues.filters import Reason, Span
from ops.queues.names import begun, queues_named
from ops.temporal import ask
from schedules import queue_pause
from sellermind import queue_limits
from sellermind.queues import TaskQueue

MARK = "paused"


@click.command()
@click.argument("queues", nargs=-1, required=True, metavar="QUEUE...", shell_complete=begun)
@click.option("--for", "lasting", type=Span(), help="Resume by itself after this: 15m, 2h.")
@click.option("--reason", type=Reason(), default="by an operator", help="Why; shown in `queue stats`.")
@json_option
def pause(*, queues: Sequence[str], lasting: timedelta | None, reason: str, as_json: bool) -> None:
    """Start no step of the QUEUES until `queue resume`; what runs ends as usual, no worker is restarted."""
    names = queues_named(queues)

    async def go(client: Client) -> list[str]:
        await standstill.refuse(client)
        return [queue.value for queue in names if await _pause(client, queue, f"{reason} ({audit.who()})", lasting)]

    paused = ask(go)
    audit.record("queue pause", asked=names, queues=paused, reason=reason, lasting=lasting)
    said = f"Paused: {', '.join(paused)}." if paused else "Paused already."
    until = f" It ends by itself in {span(lasting)}." if lasting else ""
    show({"paused": paused, "lasting_seconds": lasting}, said + until, as_json=as_json)


@click.command()
@click.argument("queues", nargs=-1, required=True, metavar="QUEUE...", shell_complete=begun)
@json_option
def resume(*, queues: Sequence[str], as_json: bool) -> None:
    """Let paused QUEUES hand out their steps again, at the limit they had."""
    names = queues_named(queues)

    async def go(client: Client) -> list[str]:
        await standstill.refuse(client)
        return [queue.value for queue in names if await _resume(client, queue)]

    resumed = ask(go)
    audit.record("queue resume", asked=names, queues=resumed)
    show({"resumed": resumed}, f"Resumed: {', '.join(resumed)}." if resumed else "None was paused.", as_json=as_json)


async def _pause(client: Client, queue: TaskQueue, reason: str, lasting: timedelta | None) -> bool:
    """Pause, for a while or until further notice: the last word holds, also of a queue that is paused already."""
    paused = await queue_limits.pause(client, queue, MARK, reason)
    await (queue_pause.resume_in(client, queue, MARK, lasting) if lasting else queue_pause.forget(client, queue))
    return paused


async def _resume(client: Client, queue: TaskQueue) -> bool:
    """Lift a pause of ours, or one that somebody set by the Temporal CLI."""
    if await queue_limits.resume(client, queue, MARK):
        await queue_pause.forget(client, queue)
        return True
    limit = await queue_limits.read(client, queue)
    if limit.rps != 0:
        return False
    if limit.mark:
        raise VerbFailed(ExitCode.REFUSED, f"{queue} is paused for {limit.mark}; run `sellermind up`.")
    await queue_limits.lift(client, queue)
    return True
