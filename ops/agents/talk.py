"""`sellermind agent run`, `agent continue` and `agent cancel`."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import uuid4

import click
from sqlalchemy import Connection, Engine
from temporalio.client import Client, WorkflowFailureError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from ops import audit
from ops.agents import views
from ops.agents.watch import watch
from ops.database import database
from ops.maintenance import standstill
from ops.outcome import ExitCode, VerbFailed
from ops.output import json_option, show
from ops.temporal import ask
from schedules import agents as starts
from sellermind.agents.builtin import install
from sellermind.models.agent_records import NewRun, Run
from sellermind.models.agent_runs import RunStatus
from sellermind.models.agents import RunBudget
from sellermind.settings import load
from sellermind.storage import agent_runs, agent_turns, agents, companies
from sellermind.storage.engine import reading, transaction

Verb = TypeVar("Verb", bound=Callable[..., Any])
WORKER_PATIENCE = timedelta(seconds=20)
GO_ON = "Go on where you stopped."
MICROS = 1_000_000


def talking(verb: Verb) -> Verb:
    """The options that `run` and `continue` share."""
    for option in (
        click.option("--message", help="What you say; left out, it is read from stdin."),
        click.option("--ref", help="Your own id of the message: sent twice, it is answered once."),
        click.option("--steps", type=click.IntRange(min=1), help="Most model calls of the whole run."),
        click.option("--usd", type=click.FloatRange(min=0), help="Most money of the whole run."),
        click.option("--wait", is_flag=True, help="Show each step, and wait for the answer."),
        json_option,
    ):
        verb = option(verb)
    return verb


@click.command("run")
@click.argument("slug", metavar="AGENT")
@click.option("--company", "company_id", type=click.IntRange(min=1), required=True, help="Whose data it may see.")
@click.option("--account", "account_ids", type=int, multiple=True, help="Only these accounts of the company.")
@click.option("--user", "user_id", type=int, help="SellerMind's user who asks.")
@talking
def run(
    *,
    slug: str,
    company_id: int,
    account_ids: Sequence[int],
    user_id: int | None,
    message: str | None,
    ref: str | None,
    steps: int | None,
    usd: float | None,
    wait: bool,
    as_json: bool,
) -> None:
    """Give AGENT a task and start it; the answer comes at once with --wait, else with `agent show`."""
    text = _text(message)
    with database(load()) as engine:
        with views.refusals_told(), transaction(engine) as connection:
            install(connection)
            agent = agents.find(connection, slug, company_id)
            _refuse_nobody(connection, company_id)
            accounts = tuple(account_ids) or None
            wanted = NewRun(company_id=company_id, text=text, user_id=user_id, account_ids=accounts)
            made = agent_runs.create(connection, agent, wanted)
            _raise_budget(connection, made, steps, usd)
            mine = ref or f"task:{made.task_id}"
            turn = agent_turns.enqueue(connection, made.id, mine, text)
        audit.record("agent run", agent=slug, run=made.id, company=company_id)
        wake(engine, made, mine, turn, wait=wait, as_json=as_json)


@click.command("continue")
@click.argument("run_id", metavar="RUN", type=int)
@click.option("--company", "company_id", type=int, help="Refuse a run of another company.")
@talking
def continue_(
    *,
    run_id: int,
    company_id: int | None,
    message: str | None,
    ref: str | None,
    steps: int | None,
    usd: float | None,
    wait: bool,
    as_json: bool,
) -> None:
    """Send the next message to RUN, whatever it is doing; with a higher limit alone it goes on where it stopped."""
    ask(standstill.refuse)
    text = message or (GO_ON if steps or usd else _stdin())
    with database(load()) as engine:
        with views.refusals_told(), transaction(engine) as connection:
            found = agent_runs.get(connection, run_id, company_id)
            _raise_budget(connection, found, steps, usd)
        send(engine, found, text, ref, wait=wait, as_json=as_json)


@click.command("cancel")
@click.argument("run_id", metavar="RUN", type=int)
@click.option("--company", "company_id", type=int, help="Refuse a run of another company.")
@json_option
def cancel(*, run_id: int, company_id: int | None, as_json: bool) -> None:
    """Stop RUN: what is done stays, what waits is dropped; `agent continue` may take it up again."""
    with database(load()) as engine:
        before = views.view(engine, run_id, company_id)
        at_work = ask(lambda client: _cancel(client, run_id))
        if not at_work and before.status in {status.value for status in agent_runs.LIVE}:
            with transaction(engine) as connection:  # nobody works on it: its queue is all there is
                agent_turns.cancel_waiting(connection, run_id)
                agent_runs.set_status(connection, run_id, RunStatus.CANCELLED)
        audit.record("agent cancel", run=run_id)
        after = views.view(engine, run_id)
    live = after.status in {status.value for status in agent_runs.LIVE}
    later = "; it stops as soon as a worker of the queue low sees to it" if live else ""
    show(after, f"run {run_id} is {after.status}{later}", as_json=as_json)


def send(engine: Engine, run: Run, text: str, ref: str | None, *, wait: bool, as_json: bool) -> None:
    """Queue the next message of a run and wake it; one that was answered already is only told of.

    Args:
        engine: the database.
        run: the run.
        text: what the user says.
        ref: the sender's own id of the message; None makes one.
        wait: show each step, and wait for the answer.
        as_json: print JSON alone.

    Raises:
        VerbFailed: the text is empty or too long (REFUSED); or it was waited for and the turn failed.
    """
    mine = ref or uuid4().hex
    with views.refusals_told(), transaction(engine) as connection:
        turn = agent_turns.enqueue(connection, run.id, mine, text)
    audit.record("agent continue", run=run.id, ref=mine)
    wake(engine, run, mine, turn, wait=wait, as_json=as_json)


def _refuse_nobody(connection: Connection, company_id: int) -> None:
    """An agent of a company that has nothing would see nothing, and be paid for."""
    if not companies.known(connection, company_id):
        raise VerbFailed(
            ExitCode.NOT_FOUND,
            f"--company {company_id}: no account, product or agent is that company's; `sellermind account list` shows "
            f"the companies, `sellermind account add --company {company_id} …` makes this one known.",
        )


def _text(message: str | None) -> str:
    """The first message, once it is known that runs may be started."""
    ask(standstill.refuse)
    return message if message is not None else _stdin()


def wake(engine: Engine, run: Run, ref: str, turn: int, *, wait: bool, as_json: bool) -> None:
    """Start or wake a run whose message is queued, then say how its turn stands, or follow it to the end.

    Raises:
        VerbFailed: it was waited for and the turn failed.
    """
    status, ended = _woken(engine, run, ref, turn)
    if wait:
        return watch(engine, run.id, turn, as_json=as_json)
    how = f"has ended already, as {status}" if ended else f"is {status}"
    said = f"run {run.id}, turn {turn} {how}; `sellermind agent show {run.id}` tells how it stands"
    return show({"id": run.id, "turn": turn, "ref": ref, "status": status}, said, as_json=as_json)


def _woken(engine: Engine, run: Run, ref: str, turn: int) -> tuple[str, bool]:
    """Let the run see to a turn that has not ended; how the turn stands then, and whether it has ended."""
    with reading(engine) as connection:
        state = agent_turns.get(connection, run.id, turn).state
    if state not in agent_turns.WAITING:
        return state, True
    if ask(lambda client: _knock(client, run, ref)):
        return "at work" if state == agent_turns.OPEN else "started", False
    click.echo(
        f"The message is queued, but no worker of the queue low took it within {WORKER_PATIENCE.seconds} s: "
        "start `python -m workers.low`.",
        err=True,
    )
    return agent_turns.QUEUED, False


async def _knock(client: Client, run: Run, ref: str) -> bool:
    try:
        await asyncio.wait_for(starts.wake(client, run, ref), WORKER_PATIENCE.total_seconds())
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
        return False
    return True


async def _cancel(client: Client, run_id: int) -> bool:
    """Cancel the workflow and wait for its end; False if none is at work."""
    handle = starts.handle(client, run_id)
    try:
        await handle.cancel()
        await asyncio.wait_for(handle.result(), WORKER_PATIENCE.total_seconds())
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    except (WorkflowFailureError, TimeoutError):
        pass
    return True


def _raise_budget(connection: Connection, run: Run, steps: int | None, usd: float | None) -> None:
    """Give the run the limits that were named; a limit that a run has passed is raised with what it measures."""
    if steps is None and usd is None:
        return
    changed = {"steps": steps} if steps is not None else {}
    if usd is not None:
        changed["micros"] = int(Decimal(str(usd)) * MICROS)
    agent_runs.raise_budget(connection, run, RunBudget.model_validate(run.budget.model_dump() | changed))


def _stdin() -> str:
    said = "" if sys.stdin.isatty() else sys.stdin.read()
    if not said.strip():
        raise click.UsageError("Say something: --message TEXT, or a text on stdin.", click.get_current_context())
    return said
