"""Failed runs, as people mean it: the newest failed run of each workflow id, while it is that id's current run.

The server keeps every failed run as Failed, also after a retry has succeeded; a count of those never goes down, and
a reset of an old one runs again, or ends, what is well.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from ops.queues import histories
from ops.queues.histories import FailureStory
from ops.queues.visibility import FAILED, OURS, after, all_of, bracketed, equals
from sellermind.models.accounts import Marketplace
from sellermind.starts import COMPANY_ID, MARKETPLACE, SELLER_ACCOUNT_ID

AT_ONCE = 16
"""Questions to the server at a time."""

SHORT = 8
FAILURES = frozenset({WorkflowExecutionStatus.FAILED, WorkflowExecutionStatus.TIMED_OUT})


@dataclass(frozen=True)
class Wanted:
    """Which failed runs; None means any."""

    job: str | None = None
    account: int | None = None
    company: int | None = None
    marketplace: Marketplace | None = None
    error: str | None = None
    since: timedelta | None = None
    query_text: str | None = None
    """A visibility query of the operator's own, for what the others cannot say."""

    def query(self) -> str:
        """The visibility query of all but `error`, which only histories know."""
        conditions = [OURS, FAILED]
        if self.job:
            conditions.append(equals("WorkflowType", self.job))
        if self.account is not None:
            conditions.append(equals(SELLER_ACCOUNT_ID.name, self.account))
        if self.company is not None:
            conditions.append(equals(COMPANY_ID.name, self.company))
        if self.marketplace:
            conditions.append(equals(MARKETPLACE.name, self.marketplace.value))
        if self.since:
            conditions.append(after("CloseTime", datetime.now(UTC) - self.since))
        if self.query_text:
            conditions.append(bracketed(self.query_text))
        return all_of(*conditions)


@dataclass(frozen=True)
class Candidate:
    """The newest failed run of a workflow id, and what that id's current run is."""

    run: WorkflowExecution
    current: WorkflowExecutionDescription | None
    """None: the id's current run was deleted."""

    @property
    def superseded(self) -> str | None:
        """Why the failure is no longer one; None if it is."""
        if self.current is None:
            return "deleted"
        if self.current.run_id == self.run.run_id:
            return None
        status = self.current.status
        return f"a newer run is {status.name.lower()}" if status else "there is a newer run"


@dataclass(frozen=True)
class FailedRun:
    """A current failed run with its story."""

    run: WorkflowExecution
    story: FailureStory

    @property
    def short_id(self) -> str:
        """The last digits of the run id: the first ones are a clock, and the same for a minute."""
        return self.run.run_id[-SHORT:]


async def candidates(client: Client, query: str, most: int | None = None) -> list[Candidate]:
    """The newest failed run of each workflow id that the query finds, the latest failure first.

    Whatever a query of the operator's own says beside: only failures are taken.

    Args:
        client: the connection to Temporal.
        query: a visibility query of failed runs, as `Wanted.query` makes it.
        most: look at so many failed runs, the latest; None: at all.
    """
    newest: dict[str, WorkflowExecution] = {}
    async for run in client.list_workflows(query, limit=most):
        known = newest.get(run.id)
        if (
            run.status in FAILURES
            and run.close_time
            and (known is None or known.close_time is None or run.close_time > known.close_time)
        ):
            newest[run.id] = run
    ordered = sorted(newest.values(), key=lambda run: run.close_time or run.start_time, reverse=True)
    currents = await each([run.id for run in ordered], client)
    return [Candidate(run, now) for run, now in zip(ordered, currents, strict=True)]


async def each(workflow_ids: Sequence[str], client: Client) -> list[WorkflowExecutionDescription | None]:
    """The current run of each workflow id, a few at a time."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(workflow_id: str) -> WorkflowExecutionDescription | None:
        async with gate:
            return await current_run(client, workflow_id)

    return list(await asyncio.gather(*(one(workflow_id) for workflow_id in workflow_ids)))


async def current_run(client: Client, workflow_id: str) -> WorkflowExecutionDescription | None:
    """The current run of a workflow id; None if there is none (any more)."""
    try:
        return await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


async def told(client: Client, found: Iterable[Candidate], error: str | None) -> AsyncIterator[FailedRun]:
    """The current ones with their stories, in order; only those with that error type, if one is named."""
    for candidate in found:
        if candidate.superseded:
            continue
        story = await histories.read(client, candidate.run.id, candidate.run.run_id)
        if error is None or error in {link.type for link in story.errors} | {story.cause.type}:
            yield FailedRun(candidate.run, story)


def account_of(run: WorkflowExecution) -> int | None:
    """The account a run works for; None for one of no account."""
    return run.typed_search_attributes.get(SELLER_ACCOUNT_ID)


def is_retryable(run: WorkflowExecution) -> bool:
    """Whether the run ended badly: a retry of it makes sense."""
    return run.status in {
        WorkflowExecutionStatus.FAILED,
        WorkflowExecutionStatus.TIMED_OUT,
        WorkflowExecutionStatus.TERMINATED,
        WorkflowExecutionStatus.CANCELED,
    }
