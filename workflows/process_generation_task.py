"""ProcessGenerationTask: texts and pictures for a batch of products."""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.generation import GenerationActivities as Steps
    from sellermind.generation.failures import FOR_EVERY_ITEM
    from sellermind.models.generation import FailItem, FinishTask, GenerationReport, ProcessTask
    from workflows.generation_item import make_item
    from workflows.policies import DATABASE_CALL, LAST_WORD

AT_ONCE = 5


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
            await self._finish(FinishTask(task_id=job.task_id, cancelled=True))
            raise
        if plan.more and self._stopped_by is None:
            workflow.continue_as_new(job)
        return await self._finish(FinishTask(task_id=job.task_id, reason=self._stopped_by))

    async def _make(self, task_id: int, item_id: int, models: tuple[str, ...], gate: asyncio.Semaphore) -> None:
        """Make one item, or write down why it cannot be made; what stops every item stops the task."""
        async with gate:
            if self._stopped_by is not None:
                return
            failure = await make_item(task_id, item_id, models)
            if failure is None:
                return
            if failure.type in FOR_EVERY_ITEM:
                self._stopped_by = failure.message
                return
            why = FailItem(item_id=item_id, error_code=failure.type or "", message=failure.message)
            await workflow.execute_activity_method(Steps.fail_generation_item, why, **DATABASE_CALL)

    async def _finish(self, end: FinishTask) -> GenerationReport:
        return await workflow.execute_activity_method(Steps.finish_generation_task, end, **LAST_WORD)
