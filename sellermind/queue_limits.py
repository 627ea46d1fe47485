"""How many activities a second a task queue hands out; none is a paused queue. The server keeps it, workers obey.

What was there before a pause is written into the pause's own reason, where the Web UI and the CLI show it too: so a
pause may be set twice, and resumed by anybody, and what comes back is exactly what was there.
"""

import json
import re
from dataclasses import dataclass

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.workflowservice.v1 import DescribeTaskQueueResponse, UpdateTaskQueueConfigRequest
from temporalio.client import Client

from sellermind.queues import TaskQueue
from sellermind.task_queues import describe_queue

KIND = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
LONGEST_REASON = 200
BAR = "|"  # ends the reason in what is written
_MARKED = re.compile(r"^(?P<mark>[a-z]+): (?P<reason>[^|]*) \| before: (?P<before>\{.*\})$", re.DOTALL)


@dataclass(frozen=True)
class Limit:
    """Activities a second; None is no limit, 0 a pause."""

    rps: float | None = None
    reason: str = ""

    @property
    def mark(self) -> str | None:
        """Whose pause it is: the first word of the reason that `pause` wrote; None for a limit somebody set."""
        found = _MARKED.match(self.reason)
        return found["mark"] if found else None

    @property
    def shown(self) -> str:
        """The reason as a person gave it."""
        found = _MARKED.match(self.reason)
        return found["reason"] if found else self.reason

    @property
    def before(self) -> "Limit":
        """What the pause took the place of; no limit where nothing is known."""
        found = _MARKED.match(self.reason)
        return Limit(**json.loads(found["before"])) if found else Limit()


async def read(client: Client, queue: TaskQueue) -> Limit:
    """The queue's limit.

    Raises:
        RPCError: the server does not answer.
    """
    return limit_of(await describe_queue(client, queue, KIND))


def limit_of(activities: DescribeTaskQueueResponse) -> Limit:
    """The limit that stands in a queue's description."""
    limit = activities.config.queue_rate_limit
    rps = limit.rate_limit.requests_per_second if limit.HasField("rate_limit") else None
    return Limit(rps, limit.metadata.reason)


async def pause(client: Client, queue: TaskQueue, mark: str, reason: str) -> bool:
    """Hand out no activities until `resume`; False if a pause with this mark is there already.

    Args:
        client: the connection to Temporal.
        queue: which.
        mark: a word that says whose pause it is.
        reason: why, for people.

    Raises:
        RPCError: the server does not answer.
    """
    before = await read(client, queue)
    if before.mark == mark:
        return False
    await _write(client, queue, _paused(mark, reason[:LONGEST_REASON].replace(BAR, "/"), before))
    return True


async def resume(client: Client, queue: TaskQueue, mark: str) -> bool:
    """Put back what was there before the pause with this mark; False if there is none.

    Where another pause lies over it (`down` over `queue pause --for`, whose end comes meanwhile) that one stays, and
    its end will bring back what was there before both.
    """
    now = await read(client, queue)
    if now.mark == mark:
        await _write(client, queue, now.before)
    elif now.mark and now.before.mark == mark:
        await _write(client, queue, _paused(now.mark, now.shown, now.before.before))
    else:
        return False
    return True


async def lift(client: Client, queue: TaskQueue) -> None:
    """Take any limit away."""
    await _write(client, queue, Limit())


def _paused(mark: str, reason: str, before: Limit) -> Limit:
    """A pause that knows what it takes the place of."""
    kept = json.dumps({"rps": before.rps, "reason": before.reason}, ensure_ascii=False)
    return Limit(0, f"{mark}: {reason} | before: {kept}")


async def _write(client: Client, queue: TaskQueue, limit: Limit) -> None:
    request = UpdateTaskQueueConfigRequest(
        namespace=client.namespace, identity=client.identity, task_queue=queue, task_queue_type=KIND
    )
    request.update_queue_rate_limit.reason = limit.reason
    if limit.rps is not None:
        request.update_queue_rate_limit.rate_limit.requests_per_second = limit.rps
    await client.workflow_service.update_task_queue_config(request)
