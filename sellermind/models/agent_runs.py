"""What travels through the history of an agent's run: references, states and counts; never its texts."""

from datetime import timedelta
from enum import StrEnum

from pydantic import Field

from sellermind.models.payload import Payload

LONGEST_MESSAGE = 10_000
APPROVAL_TTL = timedelta(hours=72)


class RunStatus(StrEnum):
    """Values of `agent_task_runs.status`."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING_APPROVAL = "waiting_approval"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"
    BUDGET_EXCEEDED = "budget_exceeded"


class CallState(StrEnum):
    """Values of `agent_tool_calls.state`."""

    PROPOSED = "proposed"
    """May run now."""
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class OpenedTurn(Payload):
    """A user message whose turn it is. `models` is the length of the agent's chain of models."""

    turn: int
    step: int = 1
    models: int = 1


class AgentRun(Payload):
    """Input of RunAgentTaskRun. `turn` is set when a turn goes on in a new execution, at `step`."""

    run_id: int
    turn: OpenedTurn | None = None


class NextTurn(Payload):
    """Ask for the next user message of a run."""

    run_id: int


class AskModel(Payload):
    """One step: ask the model, with what went wrong the time before."""

    run_id: int
    turn: int
    step: int
    model: int = 0
    """Place in the agent's chain of models."""
    compact: bool = False
    """Cut the results of tools, the older ones most: the transcript was too long."""
    longer: bool = False
    """Allow twice the tokens: the answer was cut."""


class CallRef(Payload):
    """A tool call of a step."""

    call_id: str
    tool: str
    label: str
    """`find_orders(status=new)`, for the Web UI."""
    state: CallState
    writes: bool = False
    args_hash: str = ""
    """Of a call that needs a decision: the arguments that it is about."""


class Spent(Payload):
    """What a run has used so far."""

    steps: int = 0
    tool_calls: int = 0
    tokens_input: int = 0
    tokens_output: int = 0
    tokens_cached: int = 0
    cost_micros: int = 0


class StepOutcome(Payload):
    """What a step came to: tool calls, the answer, or neither (the model was told what was wrong)."""

    calls: tuple[CallRef, ...] = ()
    answered: bool = False
    spent: Spent


class RunTool(Payload):
    """Carry out one call of the ledger."""

    run_id: int
    call_id: str


class CallOutcome(Payload):
    """How a call ended."""

    state: CallState
    error_code: str | None = None


class Decision(Payload):
    """A person's word on one call; it holds for exactly the arguments behind `args_hash`."""

    call_id: str
    args_hash: str
    approve: bool
    by: str = Field(min_length=1, max_length=100)
    note: str = Field(default="", max_length=1000)


class RecordDecision(Payload):
    """Write a decision into the ledger."""

    run_id: int
    decision: Decision


class HoldTurn(Payload):
    """Show that a run waits for a person, or no longer does."""

    run_id: int
    waiting: bool


class FinishTurn(Payload):
    """Close a turn."""

    run_id: int
    turn: int
    status: RunStatus
    error_code: str | None = None
    error_message: str | None = None


class TurnFinished(Payload):
    """`more`: another user message is waiting."""

    more: bool


class RunState(Payload):
    """Answer of the query `state`."""

    status: RunStatus
    turn: int = 0
    step: int = 0
    waiting: tuple[CallRef, ...] = ()
    spent: Spent = Spent()


class RunReport(Payload):
    """Result of one execution of RunAgentTaskRun."""

    status: RunStatus
    turns: int = 0
