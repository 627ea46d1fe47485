"""How a generation task is told about: started, watched with a bar, ended."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Engine
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle

from ops.database import database
from ops.outcome import ExitCode, VerbFailed
from ops.output import show
from ops.temporal import ask
from schedules import generation as work
from sellermind import ids
from sellermind.models.generation import GenerationTask, TaskStatus
from sellermind.settings import load
from sellermind.storage import generation
from sellermind.storage.engine import reading

LOOK_EVERY = 0.3
"""Seconds between two looks at the counters."""


def started(task: GenerationTask, *, wait: bool, as_json: bool) -> None:
    """Tell that a task is at work, or wait for its end and tell that.

    Raises:
        VerbFailed: the task was waited for and is not done.
    """
    if wait:
        ended(waited_for(task.id), as_json=as_json)
        return
    answer = {"task": task.id, "status": "started", "workflow_id": ids.generation_task(task.id)}
    show(
        answer, f"Task {task.id} is started; `sellermind generate show {task.id}` tells how it stands.", as_json=as_json
    )


def waited_for(task_id: int) -> GenerationTask:
    """Wait until nobody works on a task any more, with a bar on a terminal; the task as it stands then."""
    with database(load()) as engine:
        return ask(lambda client: _watch(client, engine, task_id))


def ended(task: GenerationTask, *, as_json: bool) -> None:
    """Tell how a task ended.

    Raises:
        VerbFailed: it is not done; the message says why and what next.
    """
    show(task, told(task), as_json=as_json)
    if task.status is not TaskStatus.DONE:
        raise VerbFailed(
            ExitCode.FAILED,
            f"Task {task.id} ended as {task.status.value}: {task.error_message or 'no reason was kept'}; "
            f"`sellermind generate show {task.id}` lists the items, `… retry {task.id}` makes what is missing.",
        )


def told(task: GenerationTask) -> str:
    """A task in one line."""
    cost = f" for ${task.cost_micros / 1_000_000:.4f}" if task.cost_micros else ""
    counts = f"{task.succeeded} of {task.total} made, {task.failed} failed"
    return f"Task {task.id} ({task.type}): {task.status.value}, {counts}{cost}."


async def _watch(client: Client, engine: Engine, task_id: int) -> GenerationTask:
    handle = await work.at_work(client, task_id)
    if handle is not None:
        end = asyncio.ensure_future(_end_of(handle))
        with _bar() as move:
            while not (await asyncio.wait({end}, timeout=LOOK_EVERY))[0]:
                move(_read(engine, task_id))
            move(_read(engine, task_id))
        await end
    return _read(engine, task_id)


async def _end_of(handle: WorkflowHandle[Any, Any]) -> None:
    """Wait for the workflow, however it ends: the task's row says how."""
    with suppress(WorkflowFailureError):
        await handle.result()


def _read(engine: Engine, task_id: int) -> GenerationTask:
    with reading(engine) as connection:
        return generation.get(connection, task_id)


@contextmanager
def _bar() -> Iterator[Any]:
    """A progress bar on stderr where that is a terminal; elsewhere nothing is drawn."""
    if not sys.stderr.isatty():
        yield lambda _task: None
        return
    # Rich takes a tenth of a second to import: only a terminal pays for it.
    from rich.console import Console  # noqa: PLC0415 (see above)
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        drawn = progress.add_task("making", total=None)

        def move(task: GenerationTask) -> None:
            failed = f", {task.failed} failed" if task.failed else ""
            made = task.succeeded + task.failed
            progress.update(drawn, total=task.total or None, completed=made, description=f"task {task.id}{failed}")

        yield move
