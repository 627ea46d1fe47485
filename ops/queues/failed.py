"""`sellermind queue failed`: what failed and is not mended yet."""

from datetime import timedelta

import click
from pydantic_core import to_json
from temporalio.client import Client

from ops.output import Table, columns_of, json_option, show
from ops.queues import failed_runs
from ops.queues.failed_runs import FailedRun, Wanted, account_of
from ops.queues.filters import Said, filter_options, wanted
from ops.queues.histories import FailureStory
from ops.queues.targets import find
from ops.temporal import ask
from sellermind.redaction import shown

COLUMNS = ("id", "job", "account", "queue", "failed at", "attempts", "error", "message", "retry goes on at")
MESSAGE_WIDTH = 80


@click.command("failed")
@click.option("--id", "run_id", type=Said(), metavar="ID", help="Show all of one: a workflow id, or an id of the list.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="The newest so many.")
@filter_options
@json_option
def command(
    *,
    run_id: str | None,
    limit: int,
    job: str | None,
    account: int | None,
    company: int | None,
    marketplace: str | None,
    error: str | None,
    since: timedelta | None,
    as_json: bool,
) -> None:
    """List the jobs that have failed and neither succeeded nor run again since."""
    if run_id:
        found = ask(lambda client: find(client, run_id, company))
        show(_as_dict(found, whole=True), _page(found), as_json=as_json)
        return
    filters = wanted(job, account, company, marketplace, error, since)

    runs = ask(lambda client: _listed(client, filters, limit + 1))
    more, runs = len(runs) > limit, runs[:limit]
    chosen = "Nothing" if filters == Wanted() else "Nothing that these filters choose"
    table = Table(COLUMNS, [_row(run) for run in runs], empty=f"{chosen} has failed.")
    show([_as_dict(run, whole=False) for run in runs], table, as_json=as_json)
    if more:
        click.echo(f"sellermind: These are the newest {limit}; --limit N shows more.", err=True)


async def _listed(client: Client, filters: Wanted, most: int) -> list[FailedRun]:
    runs: list[FailedRun] = []
    async for run in failed_runs.told(client, await failed_runs.candidates(client, filters.query()), filters.error):
        runs.append(run)
        if len(runs) == most:
            break
    return runs


def _row(failed: FailedRun) -> tuple[str, ...]:
    run, story = failed.run, failed.story
    message = " ".join(story.cause.message.split())
    account = account_of(run)
    return (
        failed.short_id,
        run.workflow_type,
        "-" if account is None else str(account),
        run.task_queue,
        f"{run.close_time:%Y-%m-%d %H:%M:%S}",
        str(story.point.attempts or "-") if story.point else "-",
        story.cause.type,
        message if len(message) <= MESSAGE_WIDTH else f"{message[: MESSAGE_WIDTH - 1]}…",
        story.point.step if story.point else "-",
    )


def _as_dict(failed: FailedRun, *, whole: bool) -> dict[str, object]:
    """One failed run as JSON; the whole one has its input and its chain of errors too."""
    run, story = failed.run, failed.story
    answer: dict[str, object] = {
        "id": failed.short_id,
        "workflow_id": run.id,
        "run_id": run.run_id,
        "job": run.workflow_type,
        "account": account_of(run),
        "queue": run.task_queue,
        "status": run.status.name.lower() if run.status else None,
        "failed_at": run.close_time,
        "attempts": story.point.attempts if story.point else None,
        "error_type": story.cause.type,
        "message": story.cause.message,
        "retry_from": story.point,
    }
    if whole:
        answer |= {"input": _inputs(story), "errors": list(story.errors)}
    return answer


def _inputs(story: FailureStory) -> list[str]:
    """What the run was started with, each value as JSON."""
    return [shown(to_json(value, bytes_mode="base64", fallback=str).decode()) for value in story.job_input]


def _page(failed: FailedRun) -> str:
    """Everything about one failed run, for a person."""
    run, story = failed.run, failed.story
    facts = [
        (name, "-" if value is None else str(value))
        for name, value in _as_dict(failed, whole=False).items()
        if name != "retry_from"
    ]
    lines = columns_of(Table(("", ""), facts))[1:]
    lines += [f"input  {value}" for value in _inputs(story)]
    lines += ["", *columns_of(Table(("error", "message"), [(link.type, link.message) for link in story.errors]))]
    goes_on = f"goes on at {story.point.step} (event {story.point.event_id})" if story.point else "is not possible"
    lines += [
        "",
        f"`sellermind queue retry {failed.short_id}` {goes_on}.",
        f"All of its history: temporal workflow show -w {run.id} -r {run.run_id}",
    ]
    return "\n".join(lines)
