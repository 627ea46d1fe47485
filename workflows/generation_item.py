"""One item of a generation task: which model is asked, how often, and what its failure means."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.workflow import ActivityCancellationType, ActivityConfig

with workflow.unsafe.imports_passed_through():
    from activities.generation import GenerationActivities as Steps
    from sellermind.generation.failures import FOR_EVERY_MODEL, MOST_WAITS, WORTH_WAITING, reason_of
    from sellermind.models.generation import GenerateItem, ItemState
    from workflows.policies import MODEL_CALL

# An answer under way is waited for: a retry right after the cancellation must not pay for it again.
PAID = ActivityConfig(cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)


async def make_item(task_id: int, item_id: int, models: tuple[str, ...]) -> ApplicationError | None:
    """Make an item with the first model that can.

    Args:
        task_id: row of `generation_tasks`.
        item_id: row of `generation_items`.
        models: in the order in which they are asked.

    Returns:
        None when it is made; else why the last of them could not.
    """
    failure = None
    for model in models:
        failure = await _ask(GenerateItem(task_id=task_id, item_id=item_id, model=model))
        if failure is None or failure.type in FOR_EVERY_MODEL:
            break
    return failure


async def _ask(ask: GenerateItem) -> ApplicationError | None:
    """Question after question to one model, until the item is made; why not, if it cannot."""
    failure = None
    for _ in range(MOST_WAITS):
        try:
            while await _step(ask) is ItemState.PENDING:
                pass
        except ActivityError as error:
            failure = reason_of(error)
            if failure.type not in WORTH_WAITING:
                break
        else:
            return None
    return failure


async def _step(ask: GenerateItem) -> ItemState:
    """One paid call.

    Raises:
        asyncio.CancelledError: the task was cancelled while the answer was on its way; the answer is kept.
    """
    policy = MODEL_CALL | PAID | ActivityConfig(summary=f"item {ask.item_id} · {ask.model}")
    outcome = await workflow.execute_activity_method(Steps.generate_item, ask, **policy)
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError
    return outcome.state
