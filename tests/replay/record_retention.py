"""Record a history of RemoveOldRows as it runs today: `make record`. Not collected by `make test`."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.worker import Worker

from activities.retention import RetentionActivities
from schedules import retention
from sellermind.queues import TaskQueue
from sellermind.settings import Settings
from sellermind.temporal import DATA_CONVERTER
from tests.fixtures.histories import keep
from tests.fixtures.patience import PATIENCE
from workflows.remove_old_rows import RemoveOldRows


async def test_record_a_removal(namespace: Client, sqlite_database: Engine) -> None:
    client = Client(namespace.service_client, namespace=namespace.namespace, data_converter=DATA_CONVERTER)
    activities = [RetentionActivities(sqlite_database).remove_old_rows]
    with ThreadPoolExecutor(1) as threads:
        async with Worker(
            client,
            task_queue=TaskQueue.LOW,
            workflows=[RemoveOldRows],
            activities=activities,
            activity_executor=threads,
        ):
            handle = await retention.start(client, Settings(_env_file=None))
            await asyncio.wait_for(handle.result(), PATIENCE)
            await keep(handle)
