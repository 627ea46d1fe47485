"""Let a paused schedule tick again, so that the server knows since when."""

from temporalio.client import ScheduleHandle, ScheduleUpdate, ScheduleUpdateInput


async def resume(handle: ScheduleHandle, note: str) -> None:
    """End a schedule's pause.

    An update instead of `handle.unpause`, which leaves `last_updated_at` as it was (seen on Temporal 1.32): without
    that date nobody can tell the ticks of the pause from ticks that were missed.

    Args:
        handle: the schedule, which may be running already.
        note: what people read beside it from now on.

    Raises:
        RPCError: there is no such schedule, or Temporal does not answer.
    """

    def running(now: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule = now.description.schedule
        schedule.state.paused, schedule.state.note = False, note
        return ScheduleUpdate(schedule=schedule)

    await handle.update(running)
