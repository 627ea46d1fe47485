"""ProcessGenerationTask: texts and pictures for a batch of products."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.workflow import ActivityCancellationType, ActivityConfig

with workflow.unsafe.imports_passed_through():
    from activities.generation import GenerationActivities as Steps
    from sellermind.generation.failures import FOR_EVERY_ITEM, FOR_EVERY_MODEL, reason_of
    from sellermind.models.generation import (
        FailItem,
        FinishTask,
        GenerateItem,
        GenerationReport,
        ItemState,
        ProcessTask,
    )
    from workflows.policies import DATABASE_CALL, MODEL_CALL

AT_ONCE = 5
# An answer under way is waited for: a retry right after the cancellation must not pay for it again.
PAID = ActivityConfig(cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)


@workflow.defn
class ProcessGenerationTask:
    """Make the items of a task that are left to do, five at a time; each is saved before the next begins."""

    def __init__(self) -> None:
        self._stopped_by: str | None = None

    @workflow.run
    async def run(self, job: ProcessTask) -> GenerationReport:
        """Plan, make one batch, continue as new with the next; a cancelled task keeps what is done."""
        try:
            plan = await workflow.execute_activity_method(Steps.plan_generation_task, job, **DATABASE_CALL)
            gate = asyncio.Semaphore(AT_ONCE)
            making = (self._make(job.task_id, item_id, plan.models, gate) for item_id in plan.items)
            for bug in filter(None, await asyncio.gather(*making, return_exceptions=True)):
                raise bug
        except asyncio.CancelledError:
            await asyncio.shield(self._finish(FinishTask(task_id=job.task_id, cancelled=True)))
            raise
        if plan.more and self._stopped_by is None:
            workflow.continue_as_new(job)
        return await self._finish(FinishTask(task_id=job.task_id, reason=self._stopped_by))

    async def _make(self, task_id: int, item_id: int, models: tuple[str, ...], gate: asyncio.Semaphore) -> None:
        """Make one item with the first model that can; if none can, write down why."""
        async with gate:
            failure = ApplicationError("No model is set up.", type="Misconfigured")
            for model in models:
                if self._stopped_by is not None:
                    return None
                try:
                    return await self._ask(GenerateItem(task_id=task_id, item_id=item_id, model=model))
                except ActivityError as error:
                    failure = reason_of(error)
                if failure.type in FOR_EVERY_MODEL:
                    break
            if failure.type in FOR_EVERY_ITEM:
                self._stopped_by = failure.message
                return None
            why = FailItem(item_id=item_id, error_code=failure.type or "", message=failure.message)
            return await workflow.execute_activity_method(Steps.fail_generation_item, why, **DATABASE_CALL)

    async def _ask(self, ask: GenerateItem) -> None:
        """Question after question to one model, until the item is made; an answer is never paid for twice."""
        policy = MODEL_CALL | PAID | ActivityConfig(summary=f"item {ask.item_id} · {ask.model}")
        state = ItemState.PENDING
        while state is ItemState.PENDING:
            state = (await workflow.execute_activity_method(Steps.generate_item, ask, **policy)).state
            task = asyncio.current_task()
            if task and task.cancelling():  # the cancellation came while the answer was on its way
                raise asyncio.CancelledError

    async def _finish(self, end: FinishTask) -> GenerationReport:
        return await workflow.execute_activity_method(Steps.finish_generation_task, end, **DATABASE_CALL)
