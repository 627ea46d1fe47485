"""Activities of generation: plan a task, make one item, close it. Each paid call is one activity."""

from collections.abc import Iterator

from sqlalchemy import Connection, Engine
from temporalio import activity

from activities.booking import write_off
from activities.heartbeat import beating
from activities.image_items import ImageMaker
from activities.text_items import TextMaker
from sellermind.errors import Refused
from sellermind.generation.inputs import Wanted, wanted_by
from sellermind.models.generation import (
    DescriptionsInput,
    FailItem,
    FinishTask,
    GenerateItem,
    GenerationPlan,
    GenerationReport,
    GenerationTask,
    ImagesInput,
    ItemOutcome,
    ItemState,
    ProcessTask,
)
from sellermind.storage import generation, generation_items, product_texts
from sellermind.storage.engine import transaction

BATCH = 500
"""Items of one workflow execution: its history stays below a megabyte."""


class GenerationActivities:
    """Steps of ProcessGenerationTask."""

    def __init__(
        self,
        engine: Engine,
        texts: TextMaker,
        images: ImageMaker,
        *,
        text_models: tuple[str, ...],
        image_model: str,
        batch: int,
    ) -> None:
        self._engine = engine
        self._texts = texts
        self._images = images
        self._text_models = text_models
        self._image_model = image_model
        self._batch = batch

    @activity.defn
    def plan_generation_task(self, job: ProcessTask) -> GenerationPlan:
        """Expand a task into its items, once, and give the first of those that are left to do.

        Raises:
            RecordGone: there is no such task.
            Refused: it is cancelled, or its input cannot be used; then it is marked failed.
        """
        with transaction(self._engine) as connection:
            write_off(connection)  # of an execution that was terminated
            task = generation.begin(connection, job.task_id)
        try:
            wanted = wanted_by(task)
        except Refused as refusal:
            with transaction(self._engine) as connection:
                generation.fail(connection, task.id, refusal.message)
            raise
        with transaction(self._engine) as connection:
            generation_items.plan(connection, task.id, _items(connection, task, wanted))
            waiting = generation_items.pending(connection, task.id, self._batch + 1)
        return GenerationPlan(
            models=(self._image_model,) if isinstance(wanted, ImagesInput) else self._text_models,
            items=tuple(waiting[: self._batch]),
            more=len(waiting) > self._batch,
        )

    # The thread is never interrupted: an answer that is being paid for is kept even if the task is cancelled meanwhile.
    @activity.defn(no_thread_cancel_exception=True)
    def generate_item(self, ask: GenerateItem) -> ItemOutcome:
        """Make one step of one item with one model; pending means that this model may be asked once more.

        Raises:
            RecordGone: the product is gone, or is another company's.
            BudgetExceeded: the company's day is spent; nothing was asked.
            ApplicationError: the failures of sellermind/model_errors.py.
        """
        with beating():
            with transaction(self._engine) as connection:
                task = generation.get(connection, ask.task_id)
                item = generation_items.get(connection, ask.item_id)
            if item.state is ItemState.DONE:
                return ItemOutcome(item_id=item.id, state=item.state)
            wanted = wanted_by(task)
            if isinstance(wanted, ImagesInput):
                state = self._images.step(task, wanted, item, ask.model)
            else:
                state = self._texts.step(task, wanted, item, ask.model)
            return ItemOutcome(item_id=item.id, state=state)

    @activity.defn
    def fail_generation_item(self, failure: FailItem) -> None:
        """Write down why an item could not be made; its answers stay in it."""
        with transaction(self._engine) as connection:
            generation_items.fail(connection, failure.item_id, failure.error_code, failure.message)

    @activity.defn
    def finish_generation_task(self, end: FinishTask) -> GenerationReport:
        """Close a task as done, partial, failed or cancelled."""
        with transaction(self._engine) as connection:
            write_off(connection)
            return generation.finish(connection, end.task_id, cancelled=end.cancelled, reason=end.reason)


def _items(connection: Connection, task: GenerationTask, wanted: Wanted) -> Iterator[tuple[str, int, int | None]]:
    """Key, product and description of each item. What is missing becomes an item too, and fails by its name."""
    if isinstance(wanted, DescriptionsInput):
        owners = product_texts.products_of(connection, task.company_id, wanted.description_ids)
        for description_id in wanted.description_ids:
            yield f"description:{description_id}", owners.get(description_id, 0), description_id
    else:
        for product in wanted.products:
            yield f"product:{product.id}", product.id, None
