"""The ledger of tool calls: every change of state is a condition on the state before."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from sellermind.errors import RecordGone, Refused
from sellermind.models.agent_records import Call
from sellermind.models.agent_runs import CallState, Decision
from sellermind.storage.tables.agents import agent_tool_calls

SHORTEST_HASH = 12
_call = agent_tool_calls.c


def add(connection: Connection, run_id: int, calls: Sequence[Call]) -> None:
    """Enter the calls of a step."""
    for call in calls:
        values = call.model_dump(exclude={"key"})
        connection.execute(
            insert(agent_tool_calls).values(
                agent_task_run_id=run_id,
                idempotency_key=call.key,
                **values | {"risk": call.risk.value, "state": call.state.value},
            )
        )


def get(connection: Connection, run_id: int, call_id: str, *, locked: bool = False) -> Call:
    """Read one call.

    Raises:
        RecordGone: the run has no such call.
    """
    query = select(agent_tool_calls).where(*_at(run_id, call_id))
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise RecordGone(f"Run {run_id} has no tool call {call_id}: `sellermind agent show {run_id}` lists them.")
    return _read(row)


def of_run(connection: Connection, run_id: int) -> list[Call]:
    """All calls of a run, in order."""
    query = select(agent_tool_calls).where(_call.agent_task_run_id == run_id)
    found = [_read(row) for row in connection.execute(query)]
    return sorted(found, key=lambda call: (call.turn, call.step, len(call.call_id), call.call_id))


def unsettled(connection: Connection, run_id: int) -> list[Call]:
    """Calls of which something may still come."""
    return [call for call in of_run(connection, run_id) if not call.settled]


def start(connection: Connection, run_id: int, call: Call) -> None:
    """Note that a call is about to be carried out."""
    _change(
        connection, run_id, call.call_id, state=CallState.RUNNING.value, attempts=call.attempts + 1, started_at=_now()
    )


def close(
    connection: Connection, run_id: int, call_id: str, state: CallState, *, result: str = "", error: str | None = None
) -> None:
    """Note how a call ended, in the transaction that adds its message."""
    values = {"state": state.value, "result": result, "error_code": error, "finished_at": _now()}
    _change(connection, run_id, call_id, **values)


def decide(connection: Connection, run_id: int, decision: Decision, now: datetime) -> Call:
    """Enter a person's decision; there is one for each call, for exactly its arguments, in time.

    Args:
        connection: inside a transaction.
        run_id: the run.
        decision: what was decided, by whom.
        now: UTC.

    Raises:
        RecordGone: there is no such call.
        Refused: it was decided before, its time is over, or its arguments are others.
    """
    call = get(connection, run_id, decision.call_id, locked=True)
    wanted = CallState.APPROVED if decision.approve else CallState.DENIED
    if call.state is wanted and call.decided_by == decision.by and matches(call.args_hash, decision.args_hash):
        return call  # the answer got lost on its way; the person, or Temporal, tries again
    check(run_id, call, decision)
    if call.expires_at is not None and now >= call.expires_at:
        raise Refused(f"Call {call.call_id} could be approved until {call.expires_at:%Y-%m-%d %H:%M} UTC.")
    values = {"state": wanted.value, "decided_by": decision.by, "decided_at": now, "note": decision.note or None}
    _change(connection, run_id, call.call_id, **values)
    return get(connection, run_id, call.call_id)


def check(run_id: int, call: Call, decision: Decision) -> None:
    """Refuse a decision about a call that does not wait for one, or about other arguments than it has.

    Raises:
        Refused: with what to do instead.
    """
    if call.state is not CallState.AWAITING_APPROVAL:
        by = f", {call.decided_by} decided" if call.decided_by else ""
        raise Refused(f"Call {call.call_id} waits for no decision any more: {call.state.value}{by}.")
    if not matches(call.args_hash, decision.args_hash):
        raise Refused(
            f"Call {call.call_id} has other arguments than those you saw: `sellermind agent show {run_id}` shows them."
        )


def matches(whole: str, given: str) -> bool:
    """Whether a hash, or a beginning of at least SHORTEST_HASH characters, is that of the arguments."""
    return len(given) >= SHORTEST_HASH and whole.startswith(given)


def _change(connection: Connection, run_id: int, call_id: str, **values: Any) -> None:
    connection.execute(update(agent_tool_calls).where(*_at(run_id, call_id)).values(**values))


def _at(run_id: int, call_id: str) -> tuple[Any, Any]:
    return _call.agent_task_run_id == run_id, _call.call_id == call_id


def _now() -> datetime:
    return datetime.now(UTC)


def _read(row: Row[Any]) -> Call:
    return Call.model_validate({**row._mapping, "key": row.idempotency_key})
