"""The job table of the seed. The only file that knows all jobs: a new job is one row here."""

from dataclasses import dataclass
from datetime import timedelta

from sellermind.models.accounts import Marketplace
from sellermind.queues import TaskQueue
from workflows.sync_all_accounts import SyncAllAccounts
from workflows.sync_new_wildberries_orders import SyncNewWildberriesOrders


@dataclass(frozen=True)
class Job:
    """A job that runs per account: where it queues, how often its schedule ticks, what it is for."""

    workflow: type
    task_queue: TaskQueue
    marketplace: Marketplace
    every: timedelta
    purpose: str

    @property
    def name(self) -> str:
        """The workflow type."""
        return self.workflow.__name__


JOBS = (
    Job(
        SyncNewWildberriesOrders,
        TaskQueue.HIGH,
        Marketplace.WILDBERRIES,
        every=timedelta(minutes=1),
        purpose="new orders",
    ),
)

WORKFLOWS = (SyncAllAccounts, *(job.workflow for job in JOBS))
