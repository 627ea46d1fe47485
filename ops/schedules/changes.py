"""`sellermind schedules pause, resume, trigger`: a job's schedule, or the job for some accounts only."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import click
from temporalio.client import Client, ScheduleDescription, ScheduleHandle
from temporalio.service import RPCError, RPCStatusCode

from ops import audit
from ops.job_names import begun
from ops.maintenance import standstill
from ops.outcome import ExitCode, VerbFailed
from ops.output import json_option, show
from ops.queues.filters import Reason, Span
from ops.schedules import for_accounts
from ops.schedules.scope import Asked, Scope, asked, scope_options
from ops.temporal import ask
from schedules.resume import resume as tick_again

PAUSED_BY_US = "paused with `sellermind schedules pause`"


def _of_schedules(verb: Callable[..., None]) -> Callable[..., None]:
    """The arguments that pause, resume and trigger share."""
    verb = click.argument("jobs", nargs=-1, metavar="[JOB]...", shell_complete=begun)(scope_options(verb))
    return click.option("--all", "every", is_flag=True, help="Every schedule.")(json_option(verb))


@click.command()
@click.option("--reason", type=Reason(), default=PAUSED_BY_US, help="Why; shown in the list and the Web UI.")
@click.option("--for", "lasting", type=Span(), help="With --account or --company: go on by itself after 15m, 2h.")
@_of_schedules
def pause(
    *,
    jobs: Sequence[str],
    every: bool,
    account_id: int | None,
    company_id: int | None,
    lasting: timedelta | None,
    reason: str,
    as_json: bool,
) -> None:
    """Stop the ticks of a job until `resume`, for everybody or for an account; what is running goes on."""
    wanted = asked(jobs, Scope(account_id, company_id), every=every)
    if wanted.scope:
        for_accounts.pause(wanted, reason, lasting, as_json=as_json)
        return
    if lasting:
        raise click.UsageError("--for needs --account or --company.", click.get_current_context())
    names = _change(wanted, lambda handle: handle.pause(note=f"{reason} ({audit.who()})"))
    audit.record("schedules pause", schedules=names, reason=reason)
    show({"paused": names}, f"paused: {', '.join(names)}", as_json=as_json)


@click.command()
@_of_schedules
def resume(*, jobs: Sequence[str], every: bool, account_id: int | None, company_id: int | None, as_json: bool) -> None:
    """Let a paused job tick again; with --account, what was paused for that account."""
    wanted = asked(jobs, Scope(account_id, company_id), every=every)
    if wanted.scope:
        for_accounts.resume(wanted, as_json=as_json)
        return
    names = _change(
        wanted,
        lambda handle: tick_again(handle, f"resumed by {audit.who()}"),
        refuse=standstill.refuse,
        only=lambda found: found.schedule.state.paused,  # of one that ticks, a resume would hide the ticks it missed
    )
    audit.record("schedules resume", schedules=names)
    show({"resumed": names}, f"resumed: {', '.join(names)}" if names else "None was paused.", as_json=as_json)


@click.command()
@_of_schedules
def trigger(*, jobs: Sequence[str], every: bool, account_id: int | None, company_id: int | None, as_json: bool) -> None:
    """Tick now, also when paused: the job starts for every active account that is not at work, or for those named."""
    wanted = asked(jobs, Scope(account_id, company_id), every=every)
    if wanted.scope:
        for_accounts.trigger(wanted, as_json=as_json)
        return
    names = _change(wanted, lambda handle: handle.trigger(), refuse=standstill.refuse)
    audit.record("schedules trigger", schedules=names)
    show({"triggered": names}, f"triggered: {', '.join(names)}", as_json=as_json)


def _change(
    wanted: Asked,
    change: Callable[[ScheduleHandle], Awaitable[None]],
    refuse: Callable[[Client], Awaitable[None]] | None = None,
    only: Callable[[ScheduleDescription], bool] = lambda _found: True,
) -> list[str]:
    """Do one thing to some schedules, and give the names of those to which it was done."""

    async def change_all(client: Client) -> list[str]:
        if refuse:
            await refuse(client)
        handles = [client.get_schedule_handle(job.name) for job in wanted.jobs]
        # All or nothing: an unknown one stops us before the first is changed.
        meant = [handle for handle in handles if only(await described(handle))]
        for handle in meant:
            await change(handle)
        return [handle.id for handle in meant]

    return ask(change_all)


async def described(handle: ScheduleHandle) -> ScheduleDescription:
    """A schedule as the server has it.

    Raises:
        VerbFailed: it has none of that name (NOT_FOUND).
    """
    try:
        return await handle.describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise VerbFailed(
            ExitCode.NOT_FOUND, f"{handle.id} has no schedule on this server yet; run `sellermind schedules apply`."
        ) from error
