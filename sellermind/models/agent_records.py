"""What the database holds of an agent's run: its row, its messages, its ledger. None of it goes into history."""

from datetime import datetime
from typing import Any, Literal

from sellermind.models.agent_runs import CallOutcome, CallState, RunStatus, Spent
from sellermind.models.agents import AgentSetup, Risk, RunBudget, Trust
from sellermind.models.payload import Payload


class NewRun(Payload):
    """What somebody wants an agent to do."""

    company_id: int
    """Whose data it may see."""
    text: str
    """The first message."""
    user_id: int | None = None
    """SellerMind's user, if one asked."""
    account_ids: tuple[int, ...] | None = None
    """Narrower than all accounts of the company."""
    budget: RunBudget | None = None
    """Another one than the agent's."""


class Run(Payload):
    """One row of `agent_task_runs`, with the setup that it keeps."""

    id: int
    task_id: int
    company_id: int
    user_id: int | None = None
    status: RunStatus
    setup: AgentSetup
    budget: RunBudget
    account_ids: tuple[int, ...] | None = None
    spent: Spent = Spent()
    active_ms: int = 0
    summary: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


class Turn(Payload):
    """One row of `agent_turns`."""

    turn: int
    client_ref: str
    message: str
    state: str
    branch: int = 0
    workflow_run_id: str = ""


class StoredCall(Payload):
    """A tool call as its message keeps it."""

    call_id: str
    tool: str
    args: dict[str, Any] | None


Kind = Literal["system", "user", "model", "tool", "notice"]


class Message(Payload):
    """One row of `agent_messages`."""

    turn: int
    step: int
    kind: Kind
    content: str
    ref: str = ""
    tool: str | None = None
    calls: tuple[StoredCall, ...] = ()
    finish: str | None = None
    provider: str | None = None
    model: str | None = None
    trust: Trust = Trust.OWN
    workflow_run_id: str = ""
    seq: int = 0
    created_at: datetime | None = None


class Call(Payload):
    """One row of the ledger, `agent_tool_calls`."""

    call_id: str
    turn: int
    step: int
    tool: str
    risk: Risk
    args: dict[str, Any]
    args_hash: str
    state: CallState
    key: str
    preview: dict[str, Any] | None = None
    result: str | None = None
    error_code: str | None = None
    attempts: int = 0
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str | None = None
    expires_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def settled(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state not in UNSETTLED

    @property
    def outcome(self) -> CallOutcome:
        """How it stands, as histories have it."""
        return CallOutcome(state=self.state, error_code=self.error_code)


UNSETTLED = frozenset({CallState.PROPOSED, CallState.AWAITING_APPROVAL, CallState.APPROVED, CallState.RUNNING})
