"""The Temporal workers of a process: one for each queue, with one client and one pool of threads between them."""

from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig

from sellermind.queues import TaskQueue
from sellermind.settings import Settings
from workers.jobs import Jobs
from workers.options import QUEUES
from workers.registry import Registry

POLLERS = 2
"""Open polls for each queue and kind of task. The server hands tasks to the open polls of a frozen process too, and
each such task costs an attempt."""

WORKFLOW_SLOTS = {TaskQueue.HIGH: 20, TaskQueue.DEFAULT: 20, TaskQueue.LOW: 2}
"""Workflow tasks at a time: they take milliseconds of one core, more would only be more threads.

An open poll holds a slot. The low queue has one for runs that begin and one for those that go on: what waits in it then
keeps the server neither from the other queues' work nor from a small tenant's (docs/performance.md)."""

SECOND_QUEUE_SHARE = 4
"""workers.high gives the queue default a quarter of what workers.default does."""


def slots(kind: TaskQueue, settings: Settings, concurrency: int | None) -> dict[TaskQueue, int]:
    """How many activities a process of this kind runs at a time, by queue.

    Args:
        kind: which worker process.
        settings: slots_high, slots_default, slots_low.
        concurrency: what --concurrency gives the first queue instead.
    """
    usual = {
        TaskQueue.HIGH: settings.slots_high,
        TaskQueue.DEFAULT: settings.slots_default,
        TaskQueue.LOW: settings.slots_low,
    }
    first, *others = QUEUES[kind]
    shares = {queue: max(1, (concurrency or usual[queue]) // SECOND_QUEUE_SHARE) for queue in others}
    return {first: concurrency or usual[first], **shares}


def grace(kind: TaskQueue, settings: Settings) -> timedelta:
    """How long a stopping process of this kind lets its activities run on, whichever queue they are from."""
    graces = {
        TaskQueue.HIGH: settings.grace_high,
        TaskQueue.DEFAULT: settings.grace_default,
        TaskQueue.LOW: settings.grace_low,
    }
    return graces[kind]


def deployment_of(name: str | None, build: str, queue: TaskQueue) -> WorkerDeploymentConfig:
    """What a worker says of its version; without a name it only shows the build.

    Args:
        name: SELLERMIND_DEPLOYMENT.
        build: sellermind.version.build_id.
        queue: which runs it takes. Those of the low queue, where the AI works, end in the code they began in, whatever
            is promoted meanwhile: their steps are a model's choice, so no sample of histories says that other code
            would take them the same way. All others go on in the newest code, which the replay tests and
            `deploy check` hold to theirs.
    """
    behaviour = VersioningBehavior.PINNED if queue is TaskQueue.LOW else VersioningBehavior.AUTO_UPGRADE
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(name or "", build),
        use_worker_versioning=name is not None,
        # Not in the workflow's own definition: a worker without a deployment could not run it.
        default_versioning_behavior=behaviour if name else VersioningBehavior.UNSPECIFIED,
    )


@dataclass(frozen=True)
class Pool:
    """What the workers of the process share."""

    client: Client
    registry: Registry
    threads: Executor
    grace: timedelta
    deployment: str | None
    build: str

    def worker(self, queue: TaskQueue, slots: int, jobs: Jobs) -> Worker:
        """A worker for workflows and activities of one queue, not yet running."""
        return self._worker(
            queue,
            activities=self.registry.activities,
            activity_executor=self.threads,
            interceptors=[jobs],
            max_concurrent_activities=slots,
            max_concurrent_activity_task_polls=POLLERS,
            graceful_shutdown_timeout=self.grace,
        )

    def workflow_worker(self, queue: TaskQueue) -> Worker:
        """A worker that takes no activities of the queue, only workflow tasks."""
        return self._worker(queue)

    def _worker(self, queue: TaskQueue, **activities: Any) -> Worker:
        return Worker(
            self.client,
            task_queue=queue,
            deployment_config=deployment_of(self.deployment, self.build, queue),
            workflows=self.registry.workflows,
            workflow_runner=UnsandboxedWorkflowRunner(),  # docs/decisions/0012
            max_concurrent_workflow_tasks=WORKFLOW_SLOTS[queue],
            max_concurrent_workflow_task_polls=POLLERS,
            # An activity that its workflow's own worker takes directly passes by the queue's limits and fairness.
            disable_eager_activity_execution=True,
            # A bug in a workflow fails its run, where it is seen, instead of being retried for ever.
            workflow_failure_exception_types=[Exception],
            **activities,
        )
