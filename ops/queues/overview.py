"""How the whole service stands, in numbers: what stats, the health endpoint and the metrics show."""

import asyncio
from dataclasses import dataclass

from temporalio.client import Client

from ops.queues import failed_runs
from ops.queues.failed_runs import Wanted
from ops.queues.queue_states import QueueState, queue_states
from ops.queues.stuck_runs import StuckRun, stuck_runs
from ops.queues.visibility import OURS, RUNNING, all_of

DRIVER = "temporal"
WARN_ABOVE = 10
"""So many stuck runs are still healthy: the seed's threshold."""

MOST_FAILURES = 2000
"""Of more failed runs only the latest so many are looked at: a count that takes minutes helps nobody."""


@dataclass(frozen=True)
class Overview:
    """The service's queues and runs."""

    pending: int
    """Open runs, without those that wait for a person."""
    failed: int
    """Runs that failed and neither succeeded nor ran again since."""
    stuck: int
    queues: list[QueueState]
    stuck_runs: list[StuckRun]

    @property
    def status(self) -> str:
        """`healthy` or `warning`, as the seed has it."""
        return "warning" if self.stuck > WARN_ABOVE else "healthy"


async def overview(client: Client, waiting: frozenset[int]) -> Overview:
    """Ask the server.

    Args:
        client: the connection to Temporal.
        waiting: agent runs that wait for a person.

    Raises:
        RPCError: it does not answer.
    """
    running, failed, queues = await asyncio.gather(
        client.count_workflows(all_of(OURS, RUNNING)),
        failed_runs.candidates(client, Wanted().query(), MOST_FAILURES),
        queue_states(client),
    )
    stuck = await stuck_runs(client, {queue.queue: queue for queue in queues}, waiting)
    return Overview(
        pending=max(0, running.count - len(waiting)),
        failed=sum(1 for candidate in failed if not candidate.superseded),
        stuck=sum(1 for run in stuck if not run.waits),
        queues=queues,
        stuck_runs=stuck,
    )
