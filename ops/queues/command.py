"""`sellermind queue …`: what Laravel's queue:failed, queue:retry and their kin do, for Temporal."""

import click

from ops.output import examples
from ops.queues import clear, failed, forget, pausing, retry, stats, stuck


@click.group(
    "queue",
    epilog=examples(
        "sellermind queue stats",
        "sellermind queue failed --error Refused --since 1d",
        "sellermind queue failed --id sync-new-wildberries-orders/7",
        "sellermind queue retry all --account 7 --dry-run",
        "sellermind queue retry sync-new-wildberries-orders/7 --wait",
        "sellermind queue forget sync-new-wildberries-orders/7 --dry-run",
        "sellermind queue flush --hours 48",
        "sellermind queue monitor high,default --max 1000 --max-age 60s",
        "sellermind queue stuck --older 30m",
        "sellermind queue unstick sync-uzum-orders/2",
        'sellermind queue pause low --for 15m --reason "the model server is full"',
        "sellermind queue resume low",
        "sellermind queue clear low --dry-run",
    ),
)
def command() -> None:
    """What waits, runs, failed or is stuck; retry, forget, pause."""


for verb in (
    stats.stats,
    stats.monitor,
    failed.command,
    retry.command,
    forget.forget,
    forget.flush,
    stuck.stuck,
    stuck.unstick,
    pausing.pause,
    pausing.resume,
    clear.clear,
):
    command.add_command(verb)
