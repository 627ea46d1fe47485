"""User messages of a run, one turn each: queued, opened, finished. The queue is here, not in workflow history."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from sellermind.errors import Refused
from sellermind.models.agent_records import Turn
from sellermind.models.agent_runs import RunStatus
from sellermind.storage import agent_runs
from sellermind.storage.tables.agents import agent_turns

QUEUED = "queued"
OPEN = "open"
WAITING = (OPEN, QUEUED)
"""States of a turn that has not ended."""
LONGEST_REF = 100

_turn = agent_turns.c


def enqueue(connection: Connection, run_id: int, client_ref: str, text: str) -> int:
    """Add a user message to a run's queue and give its turn; the same `client_ref` adds none.

    Args:
        connection: inside a transaction.
        run_id: the run; a finished one is pending again.
        client_ref: the sender's own id of the message.
        text: what the user says.

    Raises:
        RecordGone: there is no such run.
        Refused: the text is empty or too long, or the ref is too long.
    """
    agent_runs.check_text(text)
    if not client_ref or len(client_ref) > LONGEST_REF:
        raise Refused(f"A message's reference has 1 to {LONGEST_REF} characters; this one has {len(client_ref)}.")
    run = agent_runs.lock(connection, run_id)
    mine = _turn.agent_task_run_id == run_id
    known = connection.execute(select(_turn.turn).where(mine, _turn.client_ref == client_ref)).scalar_one_or_none()
    if known is not None:
        return int(known)
    last = connection.execute(select(func.max(_turn.turn)).where(mine)).scalar_one() or 0
    connection.execute(
        insert(agent_turns).values(
            agent_task_run_id=run_id,
            turn=last + 1,
            client_ref=client_ref,
            message=text,
            state=QUEUED,
            workflow_run_id="",
            started_at=datetime.now(UTC),
        )
    )
    if run.status not in agent_runs.LIVE:
        agent_runs.set_status(connection, run_id, RunStatus.PENDING)
    return int(last) + 1


def next_waiting(connection: Connection, run_id: int) -> Turn | None:
    """The turn that an earlier execution left open, else the first in the queue; the run must be locked."""
    query = select(agent_turns).where(_turn.agent_task_run_id == run_id, _turn.state.in_(WAITING))
    row = connection.execute(query.order_by(_turn.turn).limit(1)).one_or_none()
    return _read(row) if row else None


def get(connection: Connection, run_id: int, turn: int) -> Turn:
    """Read one turn of a run."""
    query = select(agent_turns).where(_turn.agent_task_run_id == run_id, _turn.turn == turn)
    return _read(connection.execute(query).one())


def own(connection: Connection, run_id: int, turn: int, workflow_run_id: str) -> None:
    """Open a turn for one execution of the workflow."""
    _change(connection, run_id, turn, state=OPEN, workflow_run_id=workflow_run_id, finished_at=None, error_code=None)


def branch(connection: Connection, run_id: int, turn: int, workflow_run_id: str) -> None:
    """Go back into a turn: what follows is a new branch of it."""
    own(connection, run_id, turn, workflow_run_id)
    _change(connection, run_id, turn, branch=_turn.branch + 1)


def close(connection: Connection, run_id: int, turn: int, state: RunStatus, error_code: str | None) -> None:
    """Finish a turn."""
    _change(connection, run_id, turn, state=state.value, error_code=error_code, finished_at=datetime.now(UTC))


def cancel_waiting(connection: Connection, run_id: int) -> None:
    """Drop what is open or queued: the run was cancelled."""
    connection.execute(
        update(agent_turns)
        .where(_turn.agent_task_run_id == run_id, _turn.state.in_(WAITING))
        .values(state=RunStatus.CANCELLED.value, finished_at=datetime.now(UTC))
    )


def of_run(connection: Connection, run_id: int) -> list[Turn]:
    """All turns of a run, in order."""
    query = select(agent_turns).where(_turn.agent_task_run_id == run_id).order_by(_turn.turn)
    return [_read(row) for row in connection.execute(query)]


def _change(connection: Connection, run_id: int, turn: int, **values: Any) -> None:
    connection.execute(
        update(agent_turns).where(_turn.agent_task_run_id == run_id, _turn.turn == turn).values(**values)
    )


def _read(row: Row[Any]) -> Turn:
    return Turn.model_validate(row._mapping)
