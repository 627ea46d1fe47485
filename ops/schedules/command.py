"""`sellermind schedules …`: when jobs run."""

import click

from ops import audit
from ops.output import examples, json_option, show
from ops.schedules import backfill, changes, check, listing
from ops.temporal import ask
from schedules.apply import apply as apply_schedules
from sellermind.settings import load


@click.group(
    "schedules",
    epilog=examples(
        "sellermind schedules apply",
        "sellermind schedules list",
        'sellermind schedules pause SyncNewWildberriesOrders --reason "marketplace maintenance"',
        'sellermind schedules pause --all --account 7 --for 2h --reason "token is being renewed"',
        "sellermind schedules resume SyncNewWildberriesOrders",
        "sellermind schedules trigger sync-new-wildberries-orders",
        "sellermind schedules trigger --all --account 7",
        "sellermind schedules backfill ReconcileWildberriesOrders --since 14d --account 7",
        "sellermind schedules check     (exit 1 if one is late, changed, skipped or missing)",
    ),
)
def command() -> None:
    """When jobs run: one schedule per job; each tick starts the job for every active account."""


for verb in (
    listing.list_schedules,
    changes.pause,
    changes.resume,
    changes.trigger,
    backfill.backfill,
    check.check,
):
    command.add_command(verb)


@command.command()
@json_option
def apply(*, as_json: bool) -> None:
    """Make Temporal's schedules equal to the catalog and the settings; a pause that somebody set is kept."""
    settings = load()
    applied = ask(lambda client: apply_schedules(client, settings))
    if applied.created or applied.updated or applied.removed:
        audit.record("schedules apply", created=applied.created, updated=applied.updated, removed=applied.removed)
    parts = {
        "created": applied.created,
        "updated": applied.updated,
        "removed": applied.removed,
        "unchanged": applied.unchanged,
    }
    show(applied, "; ".join(f"{part}: {', '.join(names)}" for part, names in parts.items() if names), as_json=as_json)
