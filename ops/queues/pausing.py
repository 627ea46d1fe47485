"""`sellermind queue pause` and `queue resume`: a queue hands out no steps; the others go on."""

from collections.abc import Sequence

import click
from temporalio.client import Client

from ops import audit, maintenance
from ops.outcome import ExitCode, VerbFailed
from ops.output import json_option, show
from ops.queues.names import queue_named
from ops.temporal import ask
from sellermind import queue_limits
from sellermind.queues import TaskQueue

MARK = "paused"


@click.command()
@click.argument("queues", nargs=-1, required=True, metavar="QUEUE...")
@click.option("--reason", default="by an operator", show_default=True, help="Why; shown in `queue stats`.")
@json_option
def pause(*, queues: Sequence[str], reason: str, as_json: bool) -> None:
    """Start no step of the QUEUES until `queue resume`; what runs ends as usual, no worker is restarted."""
    names = [queue_named(name) for name in queues]

    async def go(client: Client) -> list[str]:
        await maintenance.refuse(client)
        return [queue.value for queue in names if await queue_limits.pause(client, queue, MARK, reason)]

    paused = ask(go)
    audit.record("queue pause", queues=paused, reason=reason)
    show({"paused": paused}, f"Paused: {', '.join(paused)}." if paused else "Paused already.", as_json=as_json)


@click.command()
@click.argument("queues", nargs=-1, required=True, metavar="QUEUE...")
@json_option
def resume(*, queues: Sequence[str], as_json: bool) -> None:
    """Let paused QUEUES hand out their steps again, at the limit they had."""
    names = [queue_named(name) for name in queues]

    async def go(client: Client) -> list[str]:
        await maintenance.refuse(client)
        return [queue.value for queue in names if await _resume(client, queue)]

    resumed = ask(go)
    audit.record("queue resume", queues=resumed)
    show({"resumed": resumed}, f"Resumed: {', '.join(resumed)}." if resumed else "None was paused.", as_json=as_json)


async def _resume(client: Client, queue: TaskQueue) -> bool:
    """Lift a pause of ours, or one that somebody set by the Temporal CLI."""
    if await queue_limits.resume(client, queue, MARK):
        return True
    limit = await queue_limits.read(client, queue)
    if limit.rps != 0:
        return False
    if limit.mark:
        raise VerbFailed(ExitCode.REFUSED, f"{queue} is paused for {limit.mark}; run `sellermind up`.")
    await queue_limits.lift(client, queue)
    return True
