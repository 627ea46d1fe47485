"""Carrying out one call of the ledger: `running` is written before, the effect and its message after, together."""

import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from sellermind.agents.proposals import digest, refusal
from sellermind.agents.steps import result_message
from sellermind.agents.tool import Desk, Facts, Tool
from sellermind.agents.toolbox import tool_named
from sellermind.errors import RecordGone, Refused
from sellermind.models.agent_records import Call
from sellermind.models.agent_runs import CallOutcome, CallState, RunTool
from sellermind.models.payload import Payload
from sellermind.storage import agent_messages, agent_runs, agent_tools
from sellermind.storage.engine import transaction

LONGEST_RESULT = 16 * 1024


@dataclass(frozen=True)
class Ledger:
    """One run's ledger, inside a transaction of one execution of its workflow."""

    connection: Connection
    run_id: int
    workflow_run_id: str

    def close(self, call: Call, state: CallState, result: str, error: str | None = None) -> CallOutcome:
        """End a call and tell the model, together."""
        agent_tools.close(self.connection, self.run_id, call.call_id, state, result=result, error=error)
        told = call.model_copy(update={"state": state, "result": result})
        agent_messages.append(self.connection, self.run_id, result_message(told, self.workflow_run_id))
        return CallOutcome(state=state, error_code=error)

    def close_unrun(self, call: Call, state: CallState, note: str | None = None) -> CallOutcome:
        """End a call that is not carried out: denied, expired or cancelled."""
        return self.close(call, state, refusal(state.value, **({"note": note} if note else {})))

    def settle(self, call: Call) -> None:
        """End a call of a turn that is over; of one whose worker died, by what it did."""
        done = self.reconciled(call) if call.state is CallState.RUNNING and is_whole(call) else None
        if done is not None:
            self.close(call, CallState.SUCCEEDED, _written(done))
        else:
            self.close_unrun(call, CallState.CANCELLED)

    def reconciled(self, call: Call) -> Facts | None:
        """What an earlier attempt did before its worker died, if it did anything that lasts."""
        tool, desk, arguments = self._opened(call)
        return tool.reconcile(desk, arguments) if tool.reconcile else None

    def run(self, call: Call) -> CallOutcome:
        """Carry a call out and end it, together."""
        tool, desk, arguments = self._opened(call)
        started = time.monotonic()
        try:
            with self.connection.begin_nested():
                facts = tool.run(desk, arguments)
        except RecordGone as gone:
            return self.close(call, CallState.FAILED, refusal("not_found", message=gone.message), "RecordGone")
        agent_runs.add_tool_call(self.connection, self.run_id, round((time.monotonic() - started) * 1000))
        return self.close(call, CallState.SUCCEEDED, _written(facts))

    def _opened(self, call: Call) -> tuple[Tool[Any], Desk, Payload]:
        """The call's tool, where it works, and its arguments."""
        tool = tool_named(call.tool)
        if tool is None:
            raise Refused(f"There is no tool {call.tool} any more.")
        run = agent_runs.get(self.connection, self.run_id)
        desk = Desk(self.connection, agent_runs.scope(self.connection, run), call.key)
        return tool, desk, tool.arguments.model_validate(call.args)


def carry_out(engine: Engine, job: RunTool, workflow_run_id: str, now: datetime) -> CallOutcome:
    """Carry a call out, once: a retry finds what an earlier attempt did.

    Args:
        engine: the database; two transactions.
        job: which call.
        workflow_run_id: this execution.
        now: UTC; an approval whose time is over by now is no approval.

    Raises:
        RecordGone: there is no such call.
        Refused: nobody has approved it, or its row was changed since.
    """
    with transaction(engine) as connection:
        ledger = Ledger(connection, job.run_id, workflow_run_id)
        call = agent_tools.get(connection, job.run_id, job.call_id, locked=True)
        if call.settled:
            return call.outcome
        if call.state is CallState.AWAITING_APPROVAL:
            raise Refused(f"Call {call.call_id} of run {job.run_id} waits for a person.")
        if not is_whole(call):
            raise Refused(f"Call {call.call_id} of run {job.run_id} is not the one that was entered.")
        if call.state is CallState.RUNNING and (done := ledger.reconciled(call)) is not None:
            return ledger.close(call, CallState.SUCCEEDED, _written(done))
        if call.state is CallState.APPROVED and call.expires_at is not None and now >= call.expires_at:
            return ledger.close_unrun(call, CallState.EXPIRED)
        agent_tools.start(connection, job.run_id, call)
    with transaction(engine) as connection:
        call = agent_tools.get(connection, job.run_id, job.call_id, locked=True)
        if call.state is not CallState.RUNNING:  # the run was cancelled between the two
            return call.outcome
        return Ledger(connection, job.run_id, workflow_run_id).run(call)


def is_whole(call: Call) -> bool:
    """Whether a call's arguments are still the ones that were hashed, shown and approved."""
    return digest(call.tool, call.args) == call.args_hash


def _written(facts: Facts) -> str:
    """The result as JSON text, cut where it is too long for a transcript."""
    text = json.dumps(facts, ensure_ascii=False, default=str)
    if len(text) <= LONGEST_RESULT:
        return text
    return f"{text[:LONGEST_RESULT]}… [cut at {LONGEST_RESULT} characters: ask for less, or for the next page]"
