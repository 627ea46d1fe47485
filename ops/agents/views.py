"""What operators see of an agent's run: how it stands, what waits for them, and how they say so."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from ops.outcome import ExitCode, VerbFailed
from ops.output import GAP, numbered
from sellermind.errors import Refused
from sellermind.models.agent_records import Call, Run
from sellermind.models.agent_runs import CallState, Spent
from sellermind.storage import agent_messages, agent_runs, agent_tools
from sellermind.storage.engine import reading

HASH_SHOWN = 16
LONGEST_SHOWN = 400
NOTHING: tuple[object, ...] = (None, "", [])
"""What a field holds that has nothing in it."""


@dataclass(frozen=True)
class WaitingCall:
    """A tool call on a person's desk."""

    call_id: str
    tool: str
    hash: str
    arguments: dict[str, Any]
    preview: dict[str, Any] | None
    expires_at: datetime | None


@dataclass(frozen=True)
class RunView:
    """How a run stands."""

    id: int
    company: int
    status: str
    answer: str | None
    error_code: str | None
    error: str | None
    spent: Spent
    waiting: list[WaitingCall]


@contextmanager
def refusals_told() -> Iterator[None]:
    """Say what is refused as a verb says it.

    Raises:
        VerbFailed: instead of Refused.
    """
    try:
        yield
    except Refused as refused:
        raise VerbFailed(ExitCode.REFUSED, refused.message) from refused


def view(engine: Engine, run_id: int, company_id: int | None = None) -> RunView:
    """Read a run.

    Args:
        engine: the database.
        run_id: row of `agent_task_runs`.
        company_id: who asks, if it matters; another company's run is as good as missing.

    Raises:
        RecordGone: there is none.
    """
    with reading(engine) as connection:
        run = agent_runs.get(connection, run_id, company_id)
        said = [m.content for m in agent_messages.transcript(connection, run_id) if m.kind == "model" and m.content]
        calls = agent_tools.of_run(connection, run_id)
    return _view(run, said[-1] if said else None, calls)


def told(run: RunView) -> str:
    """The run in lines for a person."""
    spent, usd = run.spent, run.spent.cost_micros / 1_000_000
    used = ", ".join(
        (
            numbered(spent.steps, "step"),
            numbered(spent.tool_calls, "tool call"),
            f"{spent.tokens_input} + {spent.tokens_output} tokens",
        )
    )
    lines = [f"run {run.id} · company {run.company} · {run.status}", f"{used}, {usd:.4f} USD"]
    if run.error_code:
        lines.append(f"{run.error_code}: {run.error}")
    if run.answer:
        lines += ["", run.answer]
    for call in run.waiting:
        lines += ["", *_asked(run, call)]
    return "\n".join(lines)


def _view(run: Run, answer: str | None, calls: list[Call]) -> RunView:
    waiting = [
        WaitingCall(call.call_id, call.tool, call.args_hash[:HASH_SHOWN], call.args, call.preview, call.expires_at)
        for call in calls
        if call.state is CallState.AWAITING_APPROVAL
    ]
    return RunView(
        id=run.id,
        company=run.company_id,
        status=run.status.value,
        answer=answer,
        error_code=run.error_code,
        error=run.error_message,
        spent=run.spent,
        waiting=waiting,
    )


def _asked(run: RunView, call: WaitingCall) -> list[str]:
    """What a person is asked, and the two commands that answer."""
    until = f" until {call.expires_at:%Y-%m-%d %H:%M} UTC" if call.expires_at else ""
    where = f"{run.id} {call.call_id} --hash {call.hash}"
    return [
        f"{call.tool} waits for you{until}:",
        *_diff(call.preview or call.arguments),
        f"{GAP}sellermind agent approve {where}",
        f"{GAP}sellermind agent reject {where} --note WHY",
    ]


def _diff(preview: dict[str, Any]) -> list[str]:
    """Every fact of the preview, changes as before and after."""
    lines = [f"{GAP}{name}: {_cut(value)}" for name, value in preview.items() if name != "changes"]
    for change in preview.get("changes", ()):
        sides = (("-", change["before"]), ("+", change["after"]))
        told = [f"{GAP}{sign} {_cut(value)}" for sign, value in sides if value not in NOTHING]
        lines += [f"{GAP}{change['field']}", *told] if told else []
    return lines


def _cut(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}… (--json shows all)"
