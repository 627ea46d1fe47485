"""Watching a turn of an agent's run: one line for each thing that happens, until it ends or waits for a person."""

import time
from collections.abc import Callable

import click
from sqlalchemy import Engine

from ops.agents import views
from ops.outcome import ExitCode, VerbFailed
from ops.output import show
from sellermind.models.agent_records import Message
from sellermind.models.agent_runs import RunStatus
from sellermind.storage import agent_messages, agent_runs, agent_turns
from sellermind.storage.engine import reading

EVERY_SECONDS = 0.3
LONGEST_LINE = 160
GOOD = frozenset({RunStatus.SUCCESS.value, RunStatus.WAITING_APPROVAL.value})


def watch(engine: Engine, run_id: int, turn: int, *, as_json: bool) -> None:
    """Follow a turn and show how it ended.

    Args:
        engine: the database.
        run_id: the run.
        turn: the turn to wait for.
        as_json: print nothing but the end.

    Raises:
        VerbFailed: it failed, was cancelled, or ran out of budget (FAILED).
    """
    _follow(engine, run_id, turn, (lambda _line: None) if as_json else click.echo)
    end = views.view(engine, run_id)
    show(end, views.told(end), as_json=as_json)
    if end.status not in GOOD:
        raise VerbFailed(ExitCode.FAILED, f"run {run_id} is {end.status}: {end.error or 'nothing more is known'}")


def line_of(message: Message) -> str | None:
    """What one message means, in a line; None for what a person wrote."""
    where = f"turn {message.turn} step {message.step}"
    if message.calls:
        return f"{where} · {message.model} calls {', '.join(call.tool for call in message.calls)}"
    if message.kind == "model":
        return f"{where} · {message.model} answers"
    if message.kind == "tool":
        return f"{where} · {message.tool}: {' '.join(message.content.split())[:LONGEST_LINE]}"
    return f"{where} · notice: {message.content[:LONGEST_LINE]}" if message.kind == "notice" else None


def _follow(engine: Engine, run_id: int, turn: int, tell: Callable[[str], object]) -> None:
    told = -1
    while True:
        with reading(engine) as connection:
            run = agent_runs.get(connection, run_id)
            state = agent_turns.get(connection, run_id, turn).state
            messages = agent_messages.transcript(connection, run_id, after=told)
        for message in messages:
            told = message.seq
            line = line_of(message) if message.turn >= turn else None
            if line:
                tell(line)
        if state not in agent_turns.WAITING or run.status is RunStatus.WAITING_APPROVAL:
            return
        time.sleep(EVERY_SECONDS)
