"""An operator's desk: a namespace with failing jobs, a database, and the command line."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.worker import Worker

from schedules.apply import register_search_attributes
from sellermind.models.accounts import Marketplace
from sellermind.starts import MARKETPLACE, SELLER_ACCOUNT_ID
from sellermind.storage import accounts, schema
from sellermind.storage.engine import build_engine, transaction
from tests.fixtures.command_line import Ran, clean_environment
from tests.fixtures.failing_jobs import TwoSteps, broken, first_step, second_step
from tests.fixtures.typist import Typist


@dataclass(frozen=True)
class Desk:
    """What a test sits at."""

    client: Client
    engine: Engine
    environment: dict[str, str]
    typist: Typist

    async def type(self, *arguments: str) -> Ran:
        """Run one command line, while the test's workers go on."""
        return await asyncio.to_thread(self.typist.type, arguments, self.environment)

    def add_account(self) -> int:
        """A Wildberries account."""
        with transaction(self.engine) as connection:
            return accounts.add(
                connection,
                company_id=1,
                marketplace=Marketplace.WILDBERRIES,
                name="Cabinet",
                token_cipher="sealed",
                shop_ids=(),
            )

    async def start(
        self, workflow_id: str, account: int | None = None, queue: str = "high"
    ) -> WorkflowHandle[TwoSteps, str]:
        """Start the job of two steps."""
        labels = TypedSearchAttributes.empty
        if account:
            labels = TypedSearchAttributes(
                [SearchAttributePair(SELLER_ACCOUNT_ID, account), SearchAttributePair(MARKETPLACE, "wb")]
            )
        return await self.client.start_workflow(
            TwoSteps.run,
            id=workflow_id,
            task_queue=queue,
            search_attributes=labels,
        )

    async def fail(self, workflow_id: str, account: int | None = None) -> str:
        """Let the job run and fail; gives the failed run's id."""
        broken.add(workflow_id)
        handle = await self.start(workflow_id, account)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        assert handle.result_run_id
        return handle.result_run_id

    async def status(self, workflow_id: str) -> str:
        """Status of the current run."""
        status = (await self.client.get_workflow_handle(workflow_id).describe()).status
        assert status
        return status.name


@pytest.fixture
async def desk(namespace: Client, temporal_address: str, sqlite_url: str, typist: Typist) -> AsyncIterator[Desk]:
    """A desk without workers."""
    engine = build_engine(sqlite_url)
    schema.upgrade(engine)
    await register_search_attributes(namespace)
    yield Desk(
        namespace,
        engine,
        clean_environment(
            TEMPORAL_ADDRESS=temporal_address,
            TEMPORAL_NAMESPACE=namespace.namespace,
            SELLERMIND_DATABASE_URL=sqlite_url,
        ),
        typist,
    )
    engine.dispose()


@pytest.fixture
async def working(desk: Desk) -> AsyncIterator[Desk]:
    """A desk with a worker for the job of two steps on `high`."""
    with ThreadPoolExecutor(8) as threads:
        async with Worker(
            desk.client,
            task_queue="high",
            workflows=[TwoSteps],
            activities=[first_step, second_step],
            activity_executor=threads,
            max_concurrent_activities=8,
        ):
            yield desk
