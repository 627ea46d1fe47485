"""The versions of our worker deployment, as Temporal routes runs to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.api.deployment.v1 import WorkerDeploymentInfo
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.enums.v1 import WorkerDeploymentVersionStatus as Status
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from ops.outcome import ExitCode, VerbFailed
from ops.queues.queue_states import WorkerState, worker_states
from sellermind.queues import TaskQueue
from sellermind.task_queues import describe_queue

STATUSES = {
    Status.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT: "current",
    Status.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING: "ramping",
    Status.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING: "draining",
    Status.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED: "drained",
}
WAITING = "waiting"
SERVING = ("current", "ramping", "draining")


@dataclass(frozen=True)
class Version:
    """One build of the deployment."""

    build: str
    status: str
    """`current`: gets what starts; `draining`: ends its pinned runs; `drained`: may be stopped; `waiting`: gets nothing
    before it is promoted; `ramping`: gets a share (by Temporal's own command)."""
    workers: int
    """Processes of this build that live."""
    queues: Sequence[str]
    """What they poll."""
    created_at: datetime


async def versions(client: Client, deployment: str) -> list[Version]:
    """The versions of a deployment, the newest first; none if no worker of it was ever there.

    Args:
        client: the connection to Temporal.
        deployment: SELLERMIND_DEPLOYMENT.

    Raises:
        RPCError: Temporal does not answer.
    """
    info = await _describe(client, deployment)
    living = [worker for worker in await worker_states(client) if worker.lives and worker.deployment == deployment]
    found = [_version(summary, living) for summary in info.version_summaries] if info else []
    return sorted(found, key=lambda version: version.created_at, reverse=True)


async def promote(client: Client, deployment: str, build: str) -> None:
    """Send what starts from now on to a build; `""` sends it to workers without a version.

    Raises:
        VerbFailed: no worker of the build has ever polled (NOT_FOUND), its workers do not poll what others poll, or
            Temporal has not noted yet that they do (REFUSED).
    """
    if build and (missing := await _lacking(client, deployment, build)):
        said = f"No worker of build {build} polls {', '.join(missing)}; start its workers first."
        raise VerbFailed(ExitCode.REFUSED, said)
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=deployment, build_id=build, identity=client.identity
    )
    try:
        await client.workflow_service.set_worker_deployment_current_version(request)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            said = f"No worker of build {build} of deployment {deployment} has ever polled; start its workers first."
            raise VerbFailed(ExitCode.NOT_FOUND, said) from error
        if error.status is RPCStatusCode.FAILED_PRECONDITION:
            raise VerbFailed(ExitCode.REFUSED, f"Temporal keeps the current build: {error.message}.") from error
        raise


async def _lacking(client: Client, deployment: str, build: str) -> list[str]:
    """The queues that somebody polls and no worker of this build does; `[]` if it may be promoted.

    Raises:
        RPCError: Temporal does not answer.
    """
    polled, ours = set(), set()
    for queue in TaskQueue:
        state = await describe_queue(client, queue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
        builds = {(one.deployment_options.deployment_name, one.deployment_options.build_id) for one in state.pollers}
        if builds:
            polled.add(queue.value)
        if (deployment, build) in builds:
            ours.add(queue.value)
    return sorted(polled - ours) if ours else ["any queue"]


async def _describe(client: Client, deployment: str) -> WorkerDeploymentInfo | None:
    request = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=deployment)
    try:
        return (await client.workflow_service.describe_worker_deployment(request)).worker_deployment_info
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


def _version(summary: WorkerDeploymentInfo.WorkerDeploymentVersionSummary, living: Sequence[WorkerState]) -> Version:
    build = summary.deployment_version.build_id
    workers = [worker for worker in living if worker.version == build]
    return Version(
        build=build,
        status=STATUSES.get(summary.status, WAITING),
        workers=len({worker.identity for worker in workers}),
        queues=sorted({worker.queue for worker in workers}),
        created_at=summary.create_time.ToDatetime(UTC),
    )
