"""`sellermind deploy check`: would this code go on with the runs that are there?"""

import click

from ops.deploy.replaying import Replayed, replay_recent
from ops.outcome import ExitCode, VerbFailed
from ops.output import Table, examples, json_option, show
from ops.temporal import ask
from workflows.catalog import WORKFLOWS


@click.command("check", epilog=examples("sellermind deploy check", "sellermind deploy check --sample 100 --json"))
@click.option(
    "--sample", type=click.IntRange(1, 1000), default=20, show_default=True, help="Open and finished runs of each type."
)
@json_option
def check(*, sample: int, as_json: bool) -> None:
    """Replay recent histories of every workflow type against this checkout's code; exit 1 if it goes another way."""
    replayed = ask(lambda client: replay_recent(client, WORKFLOWS, sample))
    rows = [_row(kind.__name__, [one for one in replayed if one.workflow_type == kind.__name__]) for kind in WORKFLOWS]
    show(replayed, Table(("workflow type", "open", "finished", "differ"), rows), as_json=as_json)
    bad = [one for one in replayed if one.problem]
    if bad:
        first = bad[0]
        raise VerbFailed(
            ExitCode.FAILED,
            f"{len(bad)} of {len(replayed)} runs would break, the first {first.workflow_type} {first.workflow_id} "
            f"({first.problem}); put the change behind workflow.patched, or let those runs end first.",
        )


def _row(kind: str, replayed: list[Replayed]) -> tuple[str, ...]:
    running = sum(one.open for one in replayed)
    return kind, str(running), str(len(replayed) - running), str(sum(one.problem is not None for one in replayed))
