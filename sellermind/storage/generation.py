"""Generation tasks as rows: made, planned into items, counted, closed."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, inspect, select, update

from sellermind import ids
from sellermind.errors import RecordGone, Refused
from sellermind.models.generation import (
    GenerationReport,
    GenerationTask,
    GenerationType,
    ItemState,
    TaskStatus,
)
from sellermind.models.payload import Payload
from sellermind.storage.tables.generation import generation_items, generation_tasks

_task = generation_tasks.c
_item = generation_items.c
LIVE = (TaskStatus.PENDING, TaskStatus.IN_PROGRESS)
SPENT = ("LlmInvalidOutput", "LlmTruncated", "LlmContentFilter")
"""Failures after which the answers that an item has are of no use: a retry asks anew."""
MOST_DETAILS = 1000
"""Items that `output_data` names one by one, for SellerMind's pages; all of them are in `generation_items`."""


def create(
    connection: Connection, company_id: int, kind: GenerationType, wanted: Payload, user_id: int | None = None
) -> int:
    """Make a task that nobody works on yet.

    Args:
        connection: inside a transaction.
        company_id: who pays and whose products they are.
        kind: what to make.
        wanted: CardsInput, DescriptionsInput or ImagesInput.
        user_id: SellerMind's user, if one asked; its own database wants one.
    """
    now = datetime.now(UTC)
    row = {
        "company_id": company_id,
        "user_id": user_id,
        "type": kind.value,
        "status": TaskStatus.PENDING.value,
        "input_data": wanted.model_dump(mode="json"),
        "created_at": now,
        "updated_at": now,
    }
    result = connection.execute(insert(generation_tasks).values(**row))
    return int(result.lastrowid)


def wants_user(connection: Connection) -> bool:
    """Whether a task must name a user: SellerMind's own table insists on one."""
    columns = inspect(connection).get_columns(generation_tasks.name)
    return any(column["name"] == "user_id" and not column["nullable"] for column in columns)


def get(connection: Connection, task_id: int, company_id: int | None = None) -> GenerationTask:
    """One task.

    Args:
        connection: for reading.
        task_id: row of `generation_tasks`.
        company_id: who asks; another company's task is as good as missing.

    Raises:
        RecordGone: there is none.
    """
    row = connection.execute(select(generation_tasks).where(_task.id == task_id)).one_or_none()
    if row is None or company_id not in {None, row.company_id}:
        raise RecordGone(f"There is no generation task {task_id}: `sellermind generate list` shows them.")
    return _read(row)


def newest(connection: Connection, limit: int, company_id: int | None = None) -> list[GenerationTask]:
    """The last tasks, newest first; of one company if it is named."""
    query = select(generation_tasks).order_by(_task.id.desc()).limit(limit)
    if company_id is not None:
        query = query.where(_task.company_id == company_id)
    return [_read(row) for row in connection.execute(query)]


def begin(connection: Connection, task_id: int) -> GenerationTask:
    """Take a task into work.

    Raises:
        RecordGone: there is no such task.
        Refused: it was cancelled; `reopen` comes first.
    """
    task = _locked(connection, task_id)
    if task.status is TaskStatus.CANCELLED:
        raise Refused(f"Task {task_id} is cancelled; `sellermind generate retry {task_id}` takes it up again.")
    started = {"status": TaskStatus.IN_PROGRESS.value, "workflow_id": ids.generation_task(task_id)}
    _update(connection, task_id, started | {"error_message": None})
    return task


def recount(connection: Connection, task_id: int) -> GenerationReport:
    """Set a task's counters to what its items say; call it where an item was settled, in the same transaction."""
    task = _locked(connection, task_id)
    report = _counted(connection, task)
    settled = report.succeeded + report.failed
    _update(
        connection,
        task_id,
        {
            "total": report.total,
            "succeeded": report.succeeded,
            "failed": report.failed,
            "cost_micros": report.cost_micros,
            "progress": 100 * settled // report.total if report.total else 0,
        },
    )
    return report


def finish(connection: Connection, task_id: int, *, cancelled: bool, reason: str | None) -> GenerationReport:
    """Close a task with the status that its items give it.

    Args:
        connection: inside a transaction.
        task_id: the task.
        cancelled: somebody stopped it.
        reason: why the rest was not tried; without one, the commonest failure of its items is the reason.
    """
    report = recount(connection, task_id)
    status = _end_of(report, cancelled=cancelled)
    reason = reason or _commonest_failure(connection, task_id) or ("cancelled" if cancelled else None)
    report = report.model_copy(update={"status": status, "reason": None if status is TaskStatus.DONE else reason})
    _update(
        connection,
        task_id,
        {
            "status": status.value,
            "skipped": report.skipped,
            "error_message": report.reason,
            "output_data": _output(connection, task_id, report),
        },
    )
    return report


def fail(connection: Connection, task_id: int, reason: str) -> None:
    """Close a task that could not even be planned."""
    _update(connection, task_id, {"status": TaskStatus.FAILED.value, "error_message": reason})


def cancel_waiting(connection: Connection, task_id: int) -> bool:
    """Cancel a task that no workflow works on; False if it has ended already."""
    task = _locked(connection, task_id)
    if task.status not in LIVE:
        return False
    _update(connection, task_id, {"status": TaskStatus.CANCELLED.value, "error_message": "cancelled by the operator"})
    return True


def reopen(connection: Connection, task_id: int) -> int:
    """Make a task ready to be worked on again: what failed is pending, what is done stays.

    Returns:
        How many items are left to do; of a task that was never planned, 0 is not known yet.

    Raises:
        RecordGone: there is no such task.
    """
    _locked(connection, task_id)
    again = update(generation_items).where(_item.task_id == task_id, _item.state == ItemState.FAILED.value)
    connection.execute(again.where(_item.error_code.in_(SPENT)).values(replies=None))
    connection.execute(again.values(state=ItemState.PENDING.value, error_code=None, error_message=None))
    _update(connection, task_id, {"status": TaskStatus.PENDING.value, "error_message": None})
    report = recount(connection, task_id)
    return report.total - report.succeeded


def _end_of(report: GenerationReport, *, cancelled: bool) -> TaskStatus:
    if report.total and report.succeeded == report.total:
        return TaskStatus.DONE
    if cancelled:
        return TaskStatus.CANCELLED
    return TaskStatus.PARTIAL if report.succeeded else TaskStatus.FAILED


def _counted(connection: Connection, task: GenerationTask) -> GenerationReport:
    query = select(_item.state, func.count(), func.sum(_item.cost_micros)).where(_item.task_id == task.id)
    rows = list(connection.execute(query.group_by(_item.state)))
    counts = {state: int(count) for state, count, _ in rows}
    return GenerationReport(
        status=task.status,
        total=sum(counts.values()),
        succeeded=counts.get(ItemState.DONE.value, 0),
        failed=counts.get(ItemState.FAILED.value, 0),
        skipped=counts.get(ItemState.PENDING.value, 0),
        cost_micros=sum(int(cost or 0) for _, _, cost in rows),
    )


def _commonest_failure(connection: Connection, task_id: int) -> str | None:
    """`7 items: LlmInvalidOutput: …`: what stopped most of the items that failed."""
    query = (
        select(_item.error_code, func.count(), func.min(_item.error_message))
        .where(_item.task_id == task_id, _item.state == ItemState.FAILED.value)
        .group_by(_item.error_code)
        .order_by(func.count().desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else f"{row[1]} item{'' if row[1] == 1 else 's'}: {row[0]}: {row[2]}"


def _output(connection: Connection, task_id: int, report: GenerationReport) -> dict[str, Any]:
    """`output_data` as SellerMind's pages read it."""
    query = select(_item.product_id, _item.description_id, _item.state, _item.error_code, _item.output)
    settled = query.where(_item.task_id == task_id, _item.state != ItemState.PENDING.value)
    rows = connection.execute(settled.order_by(_item.id).limit(MOST_DETAILS))
    return {
        "processed": report.succeeded + report.failed,
        "successful": report.succeeded,
        "failed": report.failed,
        "details": [_detail(row) for row in rows],
    }


def _detail(row: Any) -> dict[str, Any]:
    told = {"product_id": row.product_id, "id": row.description_id, "success": row.state == ItemState.DONE.value}
    return {
        name: value
        for name, value in {**told, "error": row.error_code, **(row.output or {})}.items()
        if value is not None
    }


def _locked(connection: Connection, task_id: int) -> GenerationTask:
    """The task, its row locked until the end of the transaction: counters are set by one at a time."""
    connection.execute(select(_task.id).where(_task.id == task_id).with_for_update())
    return get(connection, task_id)


def _update(connection: Connection, task_id: int, values: dict[str, Any]) -> None:
    statement = update(generation_tasks).where(_task.id == task_id)
    connection.execute(statement.values(updated_at=datetime.now(UTC), **values))


def _read(row: Row[Any]) -> GenerationTask:
    return GenerationTask.model_validate({**row._mapping, "input": row.input_data or {}})
