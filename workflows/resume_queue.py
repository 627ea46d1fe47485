"""ResumeQueue: the end of a pause that somebody set for a while."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.queues import QueueActivities
    from sellermind.models.queues import PausedQueue
    from workflows.policies import QUEUE_LIMIT


@workflow.defn
class ResumeQueue:
    """Started with a delay, as long as the pause is to last."""

    @workflow.run
    async def run(self, paused: PausedQueue) -> bool:
        """Resume the queue; by a local activity, since the queue itself hands out none."""
        return await workflow.execute_local_activity_method(QueueActivities.resume_queue, paused, **QUEUE_LIMIT)
