"""The transcript of a run: rows of `agent_messages`, only ever added to."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from sellermind.models.agent_records import Kind, Message, StoredCall
from sellermind.models.agents import Trust
from sellermind.storage.tables.agents import agent_messages, agent_task_runs

# SellerMind's application shows these roles.
ROLES: dict[Kind, str] = {"system": "system", "user": "user", "model": "assistant", "tool": "tool", "notice": "user"}
KINDS: dict[str, Kind] = {"system": "system", "user": "user", "assistant": "model", "tool": "tool"}

_message = agent_messages.c


def append(connection: Connection, run_id: int, message: Message) -> None:
    """Add a message at the end.

    Args:
        connection: inside a transaction; it holds the run's row from now on.
        run_id: the run.
        message: its `seq` is not looked at.
    """
    counter = agent_task_runs.c
    # FOR UPDATE reads what is committed now, whatever this transaction saw before it got the lock.
    seq = connection.execute(select(counter.next_seq).where(counter.id == run_id).with_for_update()).scalar_one()
    connection.execute(update(agent_task_runs).where(counter.id == run_id).values(next_seq=seq + 1))
    connection.execute(
        insert(agent_messages).values(
            agent_task_run_id=run_id,
            seq=seq,
            role=ROLES[message.kind],
            turn=message.turn,
            step=message.step,
            kind=message.kind,
            content=message.content,
            ref=message.ref,
            tool_name=message.tool,
            tool_calls=[call.model_dump() for call in message.calls] or None,
            finish_reason=message.finish,
            provider=message.provider,
            model=message.model,
            trust=message.trust.value,
            workflow_run_id=message.workflow_run_id,
            created_at=datetime.now(UTC),
        )
    )


def transcript(connection: Connection, run_id: int, after: int = -1) -> list[Message]:
    """The messages that hold, in order; those of a run that SellerMind's application began come first.

    Args:
        connection: inside a transaction.
        run_id: the run.
        after: leave out the places up to this one.
    """
    query = (
        select(agent_messages)
        .where(_message.agent_task_run_id == run_id, _message.superseded_at.is_(None))
        .order_by(_message.seq.is_not(None), _message.seq, _message.id)
    )
    return [_read(row) for row in connection.execute(query) if (row.seq or 0) > after]


def answer(connection: Connection, run_id: int, turn: int, step: int) -> Message | None:
    """What the model said in a step, if it was stored."""
    row = connection.execute(
        select(agent_messages).where(
            _message.agent_task_run_id == run_id,
            _message.turn == turn,
            _message.step == step,
            _message.kind == "model",
            _message.superseded_at.is_(None),
        )
    ).one_or_none()
    return _read(row) if row else None


def supersede(connection: Connection, run_id: int, turn: int, step: int) -> None:
    """Take a turn's messages from a step on out of the transcript; their rows stay for the record."""
    connection.execute(
        update(agent_messages)
        .where(_message.agent_task_run_id == run_id, _message.superseded_at.is_(None), _message.turn >= turn)
        .where((_message.turn > turn) | (_message.step >= step))
        .values(superseded_at=datetime.now(UTC))
    )


def _read(row: Row[Any]) -> Message:
    return Message(
        turn=row.turn or 0,
        step=row.step or 0,
        kind=row.kind or KINDS.get(row.role, "notice"),
        content=row.content,
        ref=row.ref or "",
        tool=row.tool_name,
        calls=tuple(StoredCall.model_validate(call) for call in row.tool_calls or ()),
        finish=row.finish_reason,
        provider=row.provider,
        model=row.model,
        trust=row.trust or Trust.UNTRUSTED,
        workflow_run_id=row.workflow_run_id or "",
        seq=row.seq or 0,
        created_at=row.created_at,
    )
