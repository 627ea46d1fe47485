"""Activities about task queues."""

from temporalio import activity

from sellermind import queue_limits
from sellermind.models.queues import PausedQueue


class QueueActivities:
    """Steps that change a queue's limit."""

    # Asynchronous, as it talks to nothing but Temporal.
    @activity.defn
    async def resume_queue(self, paused: PausedQueue) -> bool:
        """Put back what was there before the pause; False if there is none (any more)."""
        return await queue_limits.resume(activity.client(), paused.queue, paused.mark)
