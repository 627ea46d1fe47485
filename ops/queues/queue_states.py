"""Task queues and worker processes, as the server sees them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType, WorkerStatus
from temporalio.api.worker.v1 import WorkerHeartbeat
from temporalio.api.workflowservice.v1 import ListWorkersRequest
from temporalio.client import Client

from sellermind.queue_limits import limit_of
from sellermind.queues import TaskQueue
from sellermind.task_queues import describe_queue

HEARTBEAT = timedelta(seconds=10)
"""How often a worker says that it lives (workers/startup.py)."""

SILENT_AFTER = 2.5 * HEARTBEAT
STATUSES = {
    WorkerStatus.WORKER_STATUS_RUNNING: "running",
    WorkerStatus.WORKER_STATUS_SHUTTING_DOWN: "stopping",
    WorkerStatus.WORKER_STATUS_SHUTDOWN: "stopped",
}


@dataclass(frozen=True)
class WorkerState:
    """One worker process on one of its queues."""

    identity: str
    host: str
    pid: str
    queue: str
    version: str
    deployment: str
    """Empty: it has no version, and gets work only while no build is current."""
    status: str
    """`running`, `stopping`, `stopped`; `silent`: it should run and is not heard of: frozen, killed or cut off."""
    slots_used: int
    slots: int
    heartbeat_age_seconds: float
    started_at: datetime

    @property
    def lives(self) -> bool:
        """Whether it takes work."""
        return self.status == "running"


@dataclass(frozen=True)
class QueueState:
    """One task queue."""

    queue: str
    workflow_backlog: int
    activity_backlog: int
    oldest_seconds: float
    add_rate: float
    dispatch_rate: float
    workers: int
    """Processes that have asked for its tasks lately."""
    slots_used: int
    slots: int
    paused: bool
    rps_limit: float | None
    pause_reason: str | None = None

    @property
    def backlog(self) -> int:
        """Tasks of both kinds that wait for a worker."""
        return self.workflow_backlog + self.activity_backlog


async def worker_states(client: Client) -> list[WorkerState]:
    """The processes that poll our queues, or did lately.

    Raises:
        RPCError: the server does not answer.
    """
    request = ListWorkersRequest(namespace=client.namespace, page_size=1000)
    answer = await client.workflow_service.list_workers(request)
    now = datetime.now(UTC)
    states = [_worker(listed.worker_heartbeat, now) for listed in answer.workers_info]
    ours = [state for state in states if state.queue in list(TaskQueue)]
    return sorted(ours, key=lambda state: (state.queue, state.identity))


async def queue_states(client: Client) -> list[QueueState]:
    """Our queues, in order of importance.

    Raises:
        RPCError: the server does not answer.
    """
    workers = await worker_states(client)
    return list(await asyncio.gather(*(_queue(client, queue, workers) for queue in TaskQueue)))


async def _queue(client: Client, queue: TaskQueue, workers: Sequence[WorkerState]) -> QueueState:
    workflows, activities = await asyncio.gather(
        describe_queue(client, queue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW),
        describe_queue(client, queue, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY),
    )
    limit = limit_of(activities)
    living = [worker for worker in workers if worker.queue == queue and worker.lives]
    both = (workflows.stats, activities.stats)
    return QueueState(
        queue=queue.value,
        workflow_backlog=workflows.stats.approximate_backlog_count,
        activity_backlog=activities.stats.approximate_backlog_count,
        oldest_seconds=max(stats.approximate_backlog_age.ToTimedelta().total_seconds() for stats in both),
        add_rate=round(sum(stats.tasks_add_rate for stats in both), 2),
        dispatch_rate=round(sum(stats.tasks_dispatch_rate for stats in both), 2),
        workers=len({poller.identity for state in (workflows, activities) for poller in state.pollers}),
        slots_used=sum(worker.slots_used for worker in living),
        slots=sum(worker.slots for worker in living),
        paused=limit.rps == 0,
        rps_limit=limit.rps,
        pause_reason=limit.shown if limit.rps == 0 else None,
    )


def _worker(heartbeat: WorkerHeartbeat, now: datetime) -> WorkerState:
    age = now - heartbeat.heartbeat_time.ToDatetime(UTC)
    status = STATUSES.get(heartbeat.status, "unknown")
    slots = heartbeat.activity_task_slots_info
    return WorkerState(
        identity=heartbeat.worker_identity,
        host=heartbeat.host_info.host_name,
        pid=heartbeat.host_info.process_id,
        queue=heartbeat.task_queue,
        version=heartbeat.deployment_version.build_id,
        deployment=heartbeat.deployment_version.deployment_name,
        status="silent" if status == "running" and age > SILENT_AFTER else status,
        slots_used=slots.current_used_slots,
        slots=slots.current_used_slots + slots.current_available_slots,
        heartbeat_age_seconds=round(max(0.0, age.total_seconds()), 1),
        started_at=heartbeat.start_time.ToDatetime(UTC),
    )
