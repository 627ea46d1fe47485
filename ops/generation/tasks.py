"""`sellermind generate retry, cancel, show, list`."""

import click
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError

from ops import audit
from ops.database import database
from ops.generation.waiting import ended, started, told, waited_for
from ops.maintenance import standstill
from ops.outcome import ExitCode, VerbFailed
from ops.output import Table, json_option, show
from ops.temporal import ask
from schedules import generation as work
from sellermind.models.generation import GenerationItem, GenerationTask, ItemState, TaskStatus
from sellermind.settings import load
from sellermind.storage import generation, generation_items
from sellermind.storage.engine import reading, transaction

SHORT = 100

task_argument = click.argument("task_id", type=int, metavar="TASK")
company_option = click.option("--company", "company_id", type=int, help="Only if it is this company's.")
wait_option = click.option("--wait", is_flag=True, help="Wait for the end; exit 1 unless done.")


@click.command()
@task_argument
@company_option
@wait_option
@json_option
def retry(*, task_id: int, company_id: int | None, wait: bool, as_json: bool) -> None:
    """Make what is missing of a task: failed, cancelled and never begun items. What is done is not paid for again."""
    with database(load()) as engine:
        task, left = ask(lambda client: _again(client, engine, task_id, company_id))
    audit.record("generate retry", task=task_id, items=left)
    if left:
        started(task, wait=wait, as_json=as_json)
    else:
        show(task, f"Task {task_id} is done; nothing is missing.", as_json=as_json)


async def _again(client: Client, engine: Engine, task_id: int, company_id: int | None) -> tuple[GenerationTask, int]:
    await standstill.refuse(client)
    busy = VerbFailed(ExitCode.REFUSED, f"Task {task_id} is being worked on; cancel it first, or wait for its end.")
    with reading(engine) as connection:
        task = generation.get(connection, task_id, company_id)
    if task.status is TaskStatus.DONE:
        return task, 0
    if await work.at_work(client, task_id):
        raise busy
    with transaction(engine) as connection:
        left = generation.reopen(connection, task_id)
    try:
        await work.start(client, task)
    except WorkflowAlreadyStartedError:
        raise busy from None
    return task, max(left, 1)  # a task that was never planned has items that nobody counted yet


@click.command()
@task_argument
@company_option
@click.option("--wait", is_flag=True, help="Wait until the items under way are finished.")
@json_option
def cancel(*, task_id: int, company_id: int | None, wait: bool, as_json: bool) -> None:
    """Stop a task: items under way are finished and kept, no other is begun. `retry` goes on with it."""
    with database(load()) as engine:
        stopping = ask(lambda client: _stop(client, engine, task_id, company_id))
    audit.record("generate cancel", task=task_id)
    if stopping and wait:
        waited_for(task_id)
    with database(load()) as engine, reading(engine) as connection:
        task = generation.get(connection, task_id, company_id)
    said = told(task) if task.status is TaskStatus.CANCELLED else f"Task {task_id} is told to stop."
    show(task, said, as_json=as_json)


async def _stop(client: Client, engine: Engine, task_id: int, company_id: int | None) -> bool:
    """Cancel the work, or the waiting task; True if work was under way."""
    with reading(engine) as connection:
        task = generation.get(connection, task_id, company_id)
    handle = await work.at_work(client, task_id)
    if handle is not None:
        await handle.cancel()
        return True
    with transaction(engine) as connection:
        if not generation.cancel_waiting(connection, task_id):
            raise VerbFailed(ExitCode.REFUSED, f"Task {task_id} has ended already, as {task.status.value}.")
    return False


@click.command("show")
@task_argument
@company_option
@click.option("--items", "most", default=20, show_default=True, help="So many items, the failed ones first.")
@wait_option
@json_option
def show_task(*, task_id: int, company_id: int | None, most: int, wait: bool, as_json: bool) -> None:
    """How a task stands, and its items; --json has the models' raw answers too."""
    with database(load()) as engine, reading(engine) as connection:
        generation.get(connection, task_id, company_id)
    if wait:
        ended(waited_for(task_id), as_json=as_json)
        return
    with database(load()) as engine, reading(engine) as connection:
        task = generation.get(connection, task_id)
        items = generation_items.of_task(connection, task_id, most)
    if as_json:
        show({"task": task, "items": items}, "", as_json=True)
        return
    click.echo(told(task) + (f" {task.error_message}" if task.error_message else ""))
    show(
        items, Table(("item", "state", "calls", "what"), [_row(item) for item in items], "No items yet."), as_json=False
    )


def _row(item: GenerationItem) -> tuple[str, ...]:
    output = item.output or {}
    made = " ".join(output.get("warnings", ())) or "; ".join(f"{name}: {value}" for name, value in output.items())
    what = f"{item.error_code}: {item.error_message}" if item.state is ItemState.FAILED else made
    return item.key, item.state.value, str(len(item.replies)), what[:SHORT]


@click.command("list")
@click.option("--company", "company_id", type=int, help="Of this company only.")
@click.option("--limit", default=20, show_default=True)
@json_option
def list_tasks(*, company_id: int | None, limit: int, as_json: bool) -> None:
    """The last tasks, newest first."""
    with database(load()) as engine, reading(engine) as connection:
        tasks = generation.newest(connection, limit, company_id)
    columns = ("task", "company", "type", "status", "made", "failed", "of")
    rows = [(t.id, t.company_id, t.type, t.status.value, t.succeeded, t.failed, t.total) for t in tasks]
    empty = "No tasks yet; `sellermind generate cards --help` shows how to make one."
    show(tasks, Table(columns, [tuple(map(str, row)) for row in rows], empty), as_json=as_json)
