"""Whether work goes to builds whose workers are there: a build that nobody promoted gets none, and waits in silence."""

from collections.abc import Sequence

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.client import Client

from ops.doctor.findings import Finding, Verdict, ok
from ops.queues.queue_states import WorkerState, worker_states
from sellermind.queues import TaskQueue
from sellermind.task_queues import describe_queue


async def check(client: Client) -> list[Finding]:
    """A finding for each queue whose living workers all get nothing; one that is well if there is none.

    Raises:
        RPCError: Temporal does not answer.
    """
    living = [worker for worker in await worker_states(client) if worker.lives]
    findings = [await _queue(client, queue, [one for one in living if one.queue == queue]) for queue in TaskQueue]
    return [one for one in findings if one] or [ok("versions", "what starts goes to workers that are there")]


async def _queue(client: Client, queue: TaskQueue, living: Sequence[WorkerState]) -> Finding | None:
    state = await describe_queue(client, queue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
    current = state.versioning_info.current_deployment_version
    gets = (current.deployment_name, current.build_id)
    if not living or gets in {(one.deployment, one.version if one.deployment else "") for one in living}:
        return None
    newest = max(living, key=lambda one: one.started_at)
    mine = f"build {newest.version}" if newest.deployment else "no deployment"
    goes = f"build {current.build_id}" if current.build_id else "workers without SELLERMIND_DEPLOYMENT"
    remedy = f"sellermind deploy promote {newest.version if newest.deployment else '--unversioned'}"
    return Finding(
        "versions", Verdict.FAIL, f"{queue} gets no work: its workers are of {mine}, it is for {goes}", remedy
    )
