"""Opening and closing the turns of a run. All inside the caller's transaction."""

from datetime import datetime

from sqlalchemy import Connection

from sellermind.agents.execution import Ledger
from sellermind.errors import Refused
from sellermind.models.agent_records import Message
from sellermind.models.agent_runs import (
    CallOutcome,
    CallState,
    Decision,
    FinishTurn,
    OpenedTurn,
    RunStatus,
    TurnFinished,
)
from sellermind.storage import agent_messages, agent_runs, agent_tools, agent_turns


def open_next(connection: Connection, run_id: int, workflow_run_id: str) -> OpenedTurn | None:
    """Take the next user message of a run; one whose execution was lost is taken up where it was.

    Args:
        connection: inside a transaction.
        run_id: the run.
        workflow_run_id: this execution.

    Raises:
        RecordGone: there is no such run.
    """
    run = agent_runs.lock(connection, run_id)
    waiting = agent_turns.next_waiting(connection, run_id)
    if waiting is None:
        return None
    messages = agent_messages.transcript(connection, run_id)
    if waiting.state == agent_turns.QUEUED:
        if not messages:
            agent_messages.append(
                connection, run_id, Message(turn=0, step=0, kind="system", content=run.setup.system_prompt)
            )
        told = Message(turn=waiting.turn, step=0, kind="user", content=waiting.message, ref=waiting.client_ref)
        agent_messages.append(connection, run_id, told)
    agent_turns.own(connection, run_id, waiting.turn, workflow_run_id)
    agent_runs.set_status(connection, run_id, RunStatus.RUNNING)
    answered = [m.step for m in messages if m.kind == "model" and m.turn == waiting.turn]
    return OpenedTurn(turn=waiting.turn, step=max(answered, default=1), models=len(run.setup.models))


def finish(connection: Connection, end: FinishTurn, workflow_run_id: str) -> TurnFinished:
    """Close a turn with a true status; nothing of it stays under way.

    Args:
        connection: inside a transaction.
        end: how it ended.
        workflow_run_id: this execution.

    Raises:
        RecordGone: there is no such run.
    """
    agent_runs.lock(connection, end.run_id)
    ledger = Ledger(connection, end.run_id, workflow_run_id)
    for call in agent_tools.unsettled(connection, end.run_id):
        if call.turn == end.turn or end.status is RunStatus.CANCELLED:
            ledger.settle(agent_tools.get(connection, end.run_id, call.call_id, locked=True))
    agent_turns.close(connection, end.run_id, end.turn, end.status, end.error_code)
    if end.status is RunStatus.CANCELLED:
        agent_turns.cancel_waiting(connection, end.run_id)
    said = [m.content for m in agent_messages.transcript(connection, end.run_id) if m.kind == "model"]
    agent_runs.set_status(
        connection,
        end.run_id,
        end.status,
        summary=said[-1] if said and end.status is RunStatus.SUCCESS else None,
        error_code=end.error_code,
        error_message=end.error_message,
    )
    more = agent_turns.next_waiting(connection, end.run_id) is not None
    if more:
        agent_runs.set_status(connection, end.run_id, RunStatus.PENDING)
    return TurnFinished(more=more)


def decide(connection: Connection, run_id: int, decision: Decision, workflow_run_id: str, now: datetime) -> CallOutcome:
    """Enter a person's decision; a denied call ends here.

    Args:
        connection: inside a transaction.
        run_id: the run.
        decision: what was decided, by whom.
        workflow_run_id: this execution.
        now: UTC.

    Raises:
        RecordGone: there is no such call.
        Refused: it is not the person's to decide any more.
    """
    before = agent_tools.get(connection, run_id, decision.call_id)
    call = agent_tools.decide(connection, run_id, decision, now)
    if call.state is CallState.DENIED and before.state is not CallState.DENIED:
        return Ledger(connection, run_id, workflow_run_id).close_unrun(call, CallState.DENIED, call.note)
    return CallOutcome(state=call.state)


def expire(connection: Connection, run_id: int, call_id: str, workflow_run_id: str) -> CallOutcome:
    """End a call that nobody decided about in time.

    Raises:
        RecordGone: there is no such call.
        Refused: it is under way.
    """
    call = agent_tools.get(connection, run_id, call_id, locked=True)
    if call.settled:
        return call.outcome
    if call.state is not CallState.AWAITING_APPROVAL:
        raise Refused(f"Call {call_id} of run {run_id} is {call.state.value}: it cannot expire.")
    return Ledger(connection, run_id, workflow_run_id).close_unrun(call, CallState.EXPIRED)
