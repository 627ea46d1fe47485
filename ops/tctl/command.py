"""`tctl …`: `tctl workflow retry` is our retry; everything else is said in today's words and handed to `temporal`."""

import os
import shlex
import shutil
from collections.abc import Sequence
from typing import NoReturn

import click

from ops.demo import temporal_server
from ops.outcome import ExitCode, VerbFailed
from ops.output import examples, show
from ops.queues import retry
from ops.queues.failed_runs import Wanted
from ops.queues.retrying import Order
from ops.tctl import connection
from ops.tctl.flags import SILENT, Typed, parse
from ops.tctl.translation import GROUPS, translate
from ops.temporal import ask

KNOWN = frozenset(
    {"workflow_id", "run_id", "query", "reason", "from", "reset_type", "dry_run", "yes", "json", "print_json"}
    | {"skip_current_open", "skip_base_is_not_current"}
)
"""Flags of a retry; the last two are what it does anyway."""

RETIRED = "tctl is retired since 30 September 2025; today this is"


@click.command(
    "tctl",
    context_settings={"ignore_unknown_options": True},
    epilog=examples(
        "sellermind tctl workflow retry -w sync-new-wildberries-orders/7",
        "sellermind tctl workflow retry -q 'CompanyId = 7' --dry_run",
        "sellermind tctl wf observe -w agent-run/42",
    ),
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="TCTL-COMMAND...")
def command(*, arguments: Sequence[str]) -> None:
    """What people typed to the retired tctl. With bin/ on PATH the command is `tctl` itself."""
    typed = parse(arguments)
    if len(typed.words) > 1 and GROUPS.get(typed.words[0]) == "workflow" and typed.words[1] == "retry":
        _retry(typed)
    else:
        _hand_over(translate(typed))


def _retry(typed: Typed) -> None:
    flags = _connected(typed)
    query = flags.get("query")
    target = flags.get("run_id") or flags.get("workflow_id") or "".join(typed.words[2:3])
    if bool(query) is bool(target):
        raise VerbFailed(ExitCode.USAGE, "Name a run with --workflow_id, or some with --query.")
    ids = [target] if target else [retry.ALL]
    order = Order(
        flags.get("reason", "tctl workflow retry"),
        from_start=flags.get("from") == "start" or flags.get("reset_type") == "FirstWorkflowTask",
        dry_run="dry_run" in flags,
    )
    outcome = ask(lambda client: retry.run(client, ids, Wanted(query_text=query), None, order, wait=False))
    if not order.dry_run:
        retry.record(ids, outcome)
    show(outcome, retry.told(outcome, dry_run=order.dry_run), as_json=bool(flags.keys() & {"json", "print_json"}))
    reset = "".join(f" (temporal workflow reset -w {one.workflow_id} -e {one.event_id})" for one in outcome.retried[:1])
    said = f"all --query {shlex.quote(query)}" if query else target
    click.echo(f"{RETIRED}: sellermind queue retry {said}{reset}", err=True)
    retry.judge(ids, outcome)


def _connected(typed: Typed) -> dict[str, str]:
    """Let the flags of the connection take effect; the others, if a retry knows them all.

    Raises:
        VerbFailed: a flag or a word means nothing to it (USAGE): a `--dryrun` that is passed by would be no dry run.
    """
    ours = {f"--{name.replace('_', '-')}": name for name in typed.flags}
    found = {flag: typed.flags[name] for flag, name in ours.items() if flag in connection.FLAGS}
    flags = {name: typed.flags[name] for flag, name in ours.items() if flag not in connection.FLAGS}
    strange = [f"--{name}" for name in flags.keys() - KNOWN - SILENT] + list(typed.words[3:])
    if strange:
        raise VerbFailed(ExitCode.USAGE, f"{', '.join(sorted(strange))} means nothing to a retry; nothing was done.")
    connection.use(found)
    return flags


def _hand_over(arguments: Sequence[str]) -> NoReturn:
    """Become the Temporal CLI."""
    executable = shutil.which("temporal") or temporal_server.executable()
    click.echo(f"{RETIRED}: temporal {shlex.join(arguments)}", err=True)
    os.execv(executable, ["temporal", *arguments])  # noqa: S606 (no shell; the words are the operator's own)
