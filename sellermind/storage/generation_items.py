"""Items of generation tasks: planned once, settled once, with every answer that was paid for."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from sellermind.errors import RecordGone
from sellermind.models.generation import GenerationItem, ItemState, ModelReply, StoredImage
from sellermind.storage import generation
from sellermind.storage.tables.generation import generation_items, product_images
from sellermind.storage.upsert import upsert

_item = generation_items.c
LONGEST_MESSAGE = 2000


def plan(connection: Connection, task_id: int, wanted: Iterable[tuple[str, int, int | None]]) -> None:
    """Give a task its items; those it has already stay as they are.

    Args:
        connection: inside a transaction.
        task_id: the task.
        wanted: key, product and description of each; a key named twice is one item.
    """
    rows = [
        {"task_id": task_id, "item_key": key, "product_id": product_id, "description_id": description_id}
        for key, product_id, description_id in {each[0]: each for each in wanted}.values()
    ]
    upsert(connection, generation_items, rows, key=("task_id", "item_key"), owned=())
    generation.recount(connection, task_id)


def pending(connection: Connection, task_id: int, limit: int) -> list[int]:
    """Ids of items that are left to do, in order."""
    waiting = select(_item.id).where(_item.task_id == task_id, _item.state == ItemState.PENDING.value)
    return list(connection.scalars(waiting.order_by(_item.id).limit(limit)))


def get(connection: Connection, item_id: int) -> GenerationItem:
    """One item.

    Raises:
        RecordGone: there is none (its task was deleted).
    """
    row = connection.execute(select(generation_items).where(_item.id == item_id)).one_or_none()
    if row is None:
        raise RecordGone(f"There is no generation item {item_id}.")
    return _read(row)


def of_task(connection: Connection, task_id: int, limit: int) -> list[GenerationItem]:
    """The items of a task in order, the failed ones first."""
    query = select(generation_items).where(_item.task_id == task_id)
    failed_first = (_item.state != ItemState.FAILED.value, _item.id)
    return [_read(row) for row in connection.execute(query.order_by(*failed_first).limit(limit))]


def keep_reply(connection: Connection, item_id: int, reply: ModelReply, cost_micros: int | None) -> GenerationItem:
    """Keep an answer in the transaction that pays for it.

    Returns:
        The item with that answer as its last.
    """
    row = connection.execute(select(_item.replies).where(_item.id == item_id).with_for_update()).one()
    replies = [*(row.replies or []), reply.model_dump(mode="json")]
    cost = _item.cost_micros + (cost_micros or 0)
    connection.execute(update(generation_items).where(_item.id == item_id).values(replies=replies, cost_micros=cost))
    return get(connection, item_id)


def settle(connection: Connection, item: GenerationItem, output: dict[str, Any]) -> None:
    """Close an item that is made, in the transaction that stores what was made."""
    values = {"state": ItemState.DONE.value, "output": output, "error_code": None, "error_message": None}
    _settle(connection, item.id, item.task_id, values)


def fail(connection: Connection, item_id: int, error_code: str, message: str) -> None:
    """Close an item that could not be made; one that is done stays done."""
    item = get(connection, item_id)
    if item.state is ItemState.PENDING:
        values = {
            "state": ItemState.FAILED.value,
            "error_code": error_code[:50],
            "error_message": message[:LONGEST_MESSAGE],
        }
        _settle(connection, item_id, item.task_id, values)


def add_image(connection: Connection, company_id: int, item: GenerationItem, image: StoredImage, alt_text: str) -> None:
    """Add a picture to its product, after those it has; doing it again changes nothing."""
    now = datetime.now(UTC)
    there = select(product_images.c.id).where(product_images.c.product_id == item.product_id)
    row = {
        "company_id": company_id,
        "product_id": item.product_id,
        "file_path": image.key,
        "alt_text": alt_text[:255],
        "sort_order": len(connection.execute(there).all()) + 1,
        "sha256": image.sha256,
        "made_by": f"generation-item/{item.id}",
        "created_at": now,
        "updated_at": now,
    }
    upsert(connection, product_images, [row], key=("made_by",), owned=())


def _settle(connection: Connection, item_id: int, task_id: int, values: dict[str, Any]) -> None:
    statement = update(generation_items).where(_item.id == item_id)
    connection.execute(statement.values(settled_at=datetime.now(UTC), **values))
    generation.recount(connection, task_id)


def _read(row: Row[Any]) -> GenerationItem:
    return GenerationItem.model_validate({**row._mapping, "key": row.item_key, "replies": row.replies or ()})
