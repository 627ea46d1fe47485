"""Tool calls that wait for a person: held here, decided by an update, expired by a timer."""

from collections.abc import Sequence

from temporalio import workflow
from temporalio.exceptions import ApplicationError
from temporalio.workflow import ActivityConfig

with workflow.unsafe.imports_passed_through():
    from activities.agent_runs import AgentRunActivities
    from sellermind.models.agent_runs import (
        APPROVAL_TTL,
        CallOutcome,
        CallRef,
        CallState,
        Decision,
        RecordDecision,
        RunTool,
    )
    from workflows.policies import DATABASE_CALL


class Decisions:
    """What one run has on a person's desk."""

    def __init__(self, run_id: int) -> None:
        self._run_id = run_id
        self._waiting: dict[str, CallRef] = {}
        self._under_way: set[str] = set()
        self._outcomes: dict[str, CallOutcome] = {}

    @property
    def waiting(self) -> tuple[CallRef, ...]:
        """Calls that nobody has decided about yet."""
        return tuple(call for call in self._waiting.values() if call.call_id not in self._outcomes)

    def check(self, decision: Decision) -> None:
        """Refuse a decision about a call that is not waiting; the ledger checks its hash, its time and its author.

        Raises:
            ApplicationError: nothing waits under that id.
        """
        wanted = decision.call_id
        if wanted not in self._waiting or wanted in self._outcomes or wanted in self._under_way:
            raise ApplicationError(f"Call {wanted} does not wait for a decision, or not any more.", type="Refused")

    async def decide(self, decision: Decision) -> CallOutcome:
        """Write the decision into the ledger, then let the turn go on."""
        word = "approved" if decision.approve else "rejected"
        self._under_way.add(decision.call_id)
        try:
            outcome = await workflow.execute_activity_method(
                AgentRunActivities.record_agent_decision,
                RecordDecision(run_id=self._run_id, decision=decision),
                **DATABASE_CALL | ActivityConfig(summary=f"{decision.call_id} · {word} by {decision.by}"),
            )
            self._outcomes[decision.call_id] = outcome
            return outcome
        finally:
            self._under_way.discard(decision.call_id)

    def expect(self, calls: Sequence[CallRef]) -> None:
        """Take decisions about these calls from now on, before anybody is shown that they wait."""
        self._waiting |= {call.call_id: call for call in calls}

    async def wait(self, call: CallRef) -> CallState:
        """How a person decided about an expected call, or that nobody did in time."""
        mine = call.call_id
        try:
            await workflow.wait_condition(
                lambda: mine in self._outcomes, timeout=APPROVAL_TTL, timeout_summary=f"{mine} waits for a person"
            )
        except TimeoutError:
            await workflow.wait_condition(lambda: mine not in self._under_way)
        if mine not in self._outcomes:
            self._outcomes[mine] = await workflow.execute_activity_method(
                AgentRunActivities.expire_agent_call, RunTool(run_id=self._run_id, call_id=mine), **DATABASE_CALL
            )
        del self._waiting[mine]
        return self._outcomes[mine].state
