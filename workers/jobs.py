"""Counts the jobs of this process. A job is what occupies a worker: one activity."""

import asyncio
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

SHUTDOWN_CHECK = 0.02


class Jobs(Interceptor):
    """Interceptor for every worker of the process.

    After the job that reaches `limit`, no other one starts: its slot stays taken until the worker shuts down.
    """

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.running = 0
        self.finished = 0
        self.newest: activity.Info | None = None
        self.changed = asyncio.Event()

    @property
    def at_limit(self) -> bool:
        """Whether as many jobs have finished as this process should do."""
        return self.limit is not None and self.finished >= self.limit

    def begin(self) -> None:
        """A job has started."""
        self.running += 1
        self.newest = activity.info()

    def end(self) -> None:
        """A job has ended, well or not."""
        self.running -= 1
        self.finished += 1
        self.changed.set()

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Temporal calls this once for each worker."""
        return _Counting(next, self)


class _Counting(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, jobs: Jobs) -> None:
        super().__init__(following)
        self._jobs = jobs

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 (the SDK's name)
        self._jobs.begin()
        try:
            return await super().execute_activity(input)
        finally:
            self._jobs.end()
            while self._jobs.at_limit and not activity.is_worker_shutdown():  # noqa: ASYNC110 (no event to await)
                await asyncio.sleep(SHUTDOWN_CHECK)
