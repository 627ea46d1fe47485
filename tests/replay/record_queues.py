"""Record a history of ResumeQueue as it runs today: `make record`. Not collected by `make test`."""

import asyncio
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from activities.queues import QueueActivities
from schedules import queue_pause
from sellermind import queue_limits
from sellermind.queues import TaskQueue
from tests.fixtures.histories import keep
from tests.fixtures.patience import PATIENCE
from workflows.resume_queue import ResumeQueue


async def test_record_the_end_of_a_pause(namespace: Client) -> None:
    await queue_limits.pause(namespace, TaskQueue.HIGH, "paused", "recorded")
    await queue_pause.resume_in(namespace, TaskQueue.HIGH, "paused", timedelta(seconds=1))
    activities = [QueueActivities().resume_queue]
    async with Worker(namespace, task_queue=TaskQueue.HIGH, workflows=[ResumeQueue], activities=activities):
        handle = namespace.get_workflow_handle("resume-queue/high")
        await asyncio.wait_for(handle.result(), PATIENCE)
        await keep(handle)
