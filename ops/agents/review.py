"""`sellermind agent show`, `approve`, `reject` and `trace`."""

import asyncio
from dataclasses import dataclass
from typing import Any

import click
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.service import RPCError, RPCStatusCode

from ops import audit
from ops.agents import views
from ops.agents.talk import WORKER_PATIENCE
from ops.agents.watch import line_of
from ops.database import database
from ops.outcome import ExitCode, VerbFailed
from ops.output import json_option, numbered, show
from ops.temporal import ask
from schedules import agents as starts
from sellermind.models.agent_records import Call, Message
from sellermind.models.agent_runs import CallOutcome, Decision
from sellermind.settings import load
from sellermind.storage import agent_messages, agent_runs, agent_tools, usage
from sellermind.storage.engine import reading

company_option = click.option("--company", "company_id", type=int, help="Refuse a run of another company.")


@click.command("show")
@click.argument("run_id", metavar="RUN", type=int)
@company_option
@json_option
def show_(*, run_id: int, company_id: int | None, as_json: bool) -> None:
    """How RUN stands, its answer, and what waits for a person, with the change it would make."""
    with database(load()) as engine:
        found = views.view(engine, run_id, company_id)
    show(found, views.told(found), as_json=as_json)


@click.command("approve")
@click.argument("run_id", metavar="RUN", type=int)
@click.argument("call_id", metavar="CALL")
@click.option("--hash", "args_hash", required=True, help="As `agent show` prints it: what you saw is what is done.")
@click.option("--note", default="", help="Why, for the record.")
@company_option
@json_option
def approve(*, run_id: int, call_id: str, args_hash: str, note: str, company_id: int | None, as_json: bool) -> None:
    """Let RUN carry out CALL, exactly as shown. It holds once, and until the call expires."""
    word = Decision(call_id=call_id, args_hash=args_hash, approve=True, by=audit.who(), note=note)
    _decide(run_id, word, company_id, as_json=as_json)


@click.command("reject")
@click.argument("run_id", metavar="RUN", type=int)
@click.argument("call_id", metavar="CALL")
@click.option("--hash", "args_hash", required=True, help="As `agent show` prints it.")
@click.option("--note", default="", help="Why: the model is told.")
@company_option
@json_option
def reject(*, run_id: int, call_id: str, args_hash: str, note: str, company_id: int | None, as_json: bool) -> None:
    """Do not let RUN carry out CALL; the model is told, and goes on."""
    word = Decision(call_id=call_id, args_hash=args_hash, approve=False, by=audit.who(), note=note)
    _decide(run_id, word, company_id, as_json=as_json)


@dataclass(frozen=True)
class Trace:
    """Everything a run did."""

    messages: list[Message]
    calls: list[Call]
    usage: list[dict[str, Any]]


@click.command("trace")
@click.argument("run_id", metavar="RUN", type=int)
@company_option
@json_option
def trace(*, run_id: int, company_id: int | None, as_json: bool) -> None:
    """Every step of RUN: what the model said and called, what came of it, who decided, what it cost."""
    with database(load()) as engine, reading(engine) as connection:
        agent_runs.get(connection, run_id, company_id)
        found = Trace(
            messages=agent_messages.transcript(connection, run_id),
            calls=agent_tools.of_run(connection, run_id),
            usage=[dict(row._mapping) for row in usage.of_run(connection, run_id)],
        )
    show(found, "\n".join(_lines(found)), as_json=as_json)


def _decide(run_id: int, word: Decision, company_id: int | None, *, as_json: bool) -> None:
    with database(load()) as engine, reading(engine) as connection:
        agent_runs.get(connection, run_id, company_id)
        call = agent_tools.get(connection, run_id, word.call_id)
        with views.refusals_told():
            agent_tools.check(run_id, call, word)
    outcome = ask(lambda client: _hand_over(client, run_id, word))
    audit.record("agent decide", run=run_id, call=word.call_id, approve=word.approve, hash=word.args_hash)
    show(outcome, f"call {word.call_id} of run {run_id} is {outcome.state.value}", as_json=as_json)


async def _hand_over(client: Client, run_id: int, word: Decision) -> CallOutcome:
    try:
        return await asyncio.wait_for(starts.decide(client, run_id, word), WORKER_PATIENCE.total_seconds())
    except WorkflowUpdateFailedError as refused:
        raise VerbFailed(ExitCode.REFUSED, _innermost(refused.cause)) from refused
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
        raise VerbFailed(
            ExitCode.UNREACHABLE, "No worker took the decision; start `python -m workers.low` and decide again."
        ) from error
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise VerbFailed(
            ExitCode.REFUSED, f"Run {run_id} is not at work; `sellermind agent continue {run_id}` takes it up."
        ) from error


def _innermost(cause: BaseException | None) -> str:
    """The words of the failure that our own code named."""
    while isinstance(cause, FailureError) and not isinstance(cause, ApplicationError) and cause.cause is not None:
        cause = cause.cause
    return cause.message if isinstance(cause, FailureError) else str(cause)


def _lines(found: Trace) -> list[str]:
    """Messages in order, each call with its outcome, and the bill."""
    calls = {call.call_id: call for call in found.calls}
    lines = []
    for message in found.messages:
        lines.append(line_of(message) or f"turn {message.turn} · {message.kind}: {message.content}")
        call = calls.get(message.ref) if message.kind == "tool" else None
        if call is not None:
            by = f", {call.decided_by} decided" + (f": {call.note}" if call.note else "") if call.decided_by else ""
            lines.append(f"    {call.call_id} {call.state.value} after {numbered(call.attempts, 'attempt')}{by}")
        elif message.kind == "model" and message.content:
            lines.append(f"    {message.content}")
    for row in found.usage:
        cost = "no price" if row["cost_micros"] is None else f"{row['cost_micros']} micro-dollars"
        lines.append(f"{row['model']}: {row['outcome']}, {row['tokens_input']} + {row['tokens_output']} tokens, {cost}")
    return lines
