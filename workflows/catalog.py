"""The job table of the seed. The only file that knows all jobs: a new job is one row here."""

from dataclasses import dataclass
from datetime import timedelta

from sellermind.models.accounts import Marketplace
from sellermind.queues import TaskQueue
from workflows.process_generation_task import ProcessGenerationTask
from workflows.reconcile_wildberries_orders import ReconcileWildberriesOrders
from workflows.remove_old_rows import RemoveOldRows
from workflows.resume_queue import ResumeQueue
from workflows.run_agent_task_run import RunAgentTaskRun
from workflows.sync_all_accounts import SyncAllAccounts
from workflows.sync_new_wildberries_orders import SyncNewWildberriesOrders
from workflows.sync_uzum_orders import SyncUzumOrders
from workflows.sync_wildberries_supplies import SyncWildberriesSupplies
from workflows.update_wildberries_orders_status import UpdateWildberriesOrdersStatus

WILDBERRIES, UZUM = Marketplace.WILDBERRIES, Marketplace.UZUM


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
    Job(SyncNewWildberriesOrders, TaskQueue.HIGH, WILDBERRIES, timedelta(minutes=1), "new orders"),
    Job(UpdateWildberriesOrdersStatus, TaskQueue.HIGH, WILDBERRIES, timedelta(minutes=5), "order statuses"),
    Job(ReconcileWildberriesOrders, TaskQueue.DEFAULT, WILDBERRIES, timedelta(hours=1), "orders never seen as new"),
    Job(SyncWildberriesSupplies, TaskQueue.DEFAULT, WILDBERRIES, timedelta(minutes=10), "supplies and boxes"),
    Job(SyncUzumOrders, TaskQueue.HIGH, UZUM, timedelta(minutes=5), "orders"),
)


@dataclass(frozen=True)
class OnDemand:
    """A job that somebody asks for: no schedule, no account."""

    workflow: type
    task_queue: TaskQueue
    purpose: str

    @property
    def name(self) -> str:
        """The workflow type."""
        return self.workflow.__name__


ON_DEMAND = (
    OnDemand(ProcessGenerationTask, TaskQueue.LOW, purpose="texts and pictures for products"),
    OnDemand(RunAgentTaskRun, TaskQueue.LOW, purpose="one conversation with an AI agent"),
)


@dataclass(frozen=True)
class Chore:
    """A job of the whole installation: a schedule, no account."""

    workflow: type
    task_queue: TaskQueue
    every: timedelta
    purpose: str

    @property
    def name(self) -> str:
        """The workflow type."""
        return self.workflow.__name__


CHORES = (Chore(RemoveOldRows, TaskQueue.LOW, timedelta(days=1), purpose="rows past their age"),)

SCHEDULED: tuple[Job | Chore, ...] = (*JOBS, *CHORES)
"""Whatever has a schedule of its own."""

WORKFLOWS = (SyncAllAccounts, ResumeQueue, *(job.workflow for job in (*SCHEDULED, *ON_DEMAND)))
