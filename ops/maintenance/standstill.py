"""Maintenance mode: schedules and queues stand still, starts are refused, and everything comes back as it was.

What was there before is written beside each pause (a schedule's note, a queue's reason), so `down` may run twice, in
parallel or die half-way: a thing that bears its mark is not touched again. The flag is the namespace's own data.
"""

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from temporalio.api.namespace.v1 import UpdateNamespaceInfo
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client, ScheduleHandle
from temporalio.service import RPCError, RPCStatusCode

from ops.outcome import ExitCode, VerbFailed
from schedules.resume import resume
from sellermind import queue_limits
from sellermind.queue_limits import BAR
from sellermind.queues import TaskQueue
from workflows.catalog import SCHEDULED

FLAG = "sellermind.maintenance"
MARK = "maintenance"
_MARKED = re.compile(rf"^{MARK}: [^|]* \| before: (?P<before>.*)$", re.DOTALL)


@dataclass(frozen=True)
class Maintenance:
    """Since when and why the service is down."""

    reason: str
    since: str


def shown(note: str | None) -> str | None:
    """A schedule's note for people: without what `up` needs to know of the time before."""
    return note.partition(f" {BAR} before: ")[0] if note and _MARKED.match(note) else note


async def current(client: Client) -> Maintenance | None:
    """The maintenance that goes on; None if none does.

    Raises:
        RPCError: Temporal does not answer.
    """
    answer = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    kept = answer.namespace_info.data.get(FLAG)
    return Maintenance(**json.loads(kept)) if kept else None


async def refuse(client: Client) -> None:
    """Let nothing start while the service is down.

    Raises:
        VerbFailed: it is (REFUSED).
    """
    down = await current(client)
    if down:
        raise VerbFailed(
            ExitCode.REFUSED, f"Down for maintenance since {down.since}: {down.reason}; run `sellermind up` first."
        )


async def begin(client: Client, reason: str) -> list[str]:
    """Refuse starts, pause our schedules and queues; the names of what this call paused.

    Args:
        client: the connection to Temporal.
        reason: why, for people.
    """
    if await current(client) is None:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        await _flag(client, json.dumps(asdict(Maintenance(reason, since)), ensure_ascii=False))
    paused = [job.name for job in SCHEDULED if await _pause(client.get_schedule_handle(job.name), reason)]
    return paused + [queue.value for queue in TaskQueue if await queue_limits.pause(client, queue, MARK, reason)]


async def end(client: Client) -> list[str]:
    """Put back what was there, and let things start again; the names of what this call put back."""
    restored = [queue.value for queue in TaskQueue if await queue_limits.resume(client, queue, MARK)]
    restored += [job.name for job in SCHEDULED if await _resume(client.get_schedule_handle(job.name))]
    await _flag(client, "")  # last: an `up` that dies before it can be run again
    return restored


async def _flag(client: Client, value: str) -> None:
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(namespace=client.namespace, update_info=UpdateNamespaceInfo(data={FLAG: value}))
    )


async def _pause(handle: ScheduleHandle, reason: str) -> bool:
    """Pause one schedule; False if somebody has paused it, we among them, or if it is not applied."""
    note = await _note_if(handle, paused=False)
    if note is None:
        return False
    await handle.pause(note=f"{MARK}: {reason.replace(BAR, '/')} | before: {note}")
    return True


async def _resume(handle: ScheduleHandle) -> bool:
    """Undo our pause, and nobody else's."""
    note = await _note_if(handle, paused=True)
    found = _MARKED.match(note or "")
    if not found:
        return False
    await resume(handle, found["before"])
    return True


async def _note_if(handle: ScheduleHandle, *, paused: bool) -> str | None:
    """The note of a schedule that is, or is not, paused; else None."""
    try:
        state = (await handle.describe()).schedule.state
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None
    return (state.note or "") if state.paused is paused else None
