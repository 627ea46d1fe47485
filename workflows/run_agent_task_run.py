"""RunAgentTaskRun: one conversation of a user with an agent; the next message runs the same id again."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.agent_runs import AgentRunActivities as Steps
    from sellermind.models import agent_runs as models
    from sellermind.models.agent_runs import AgentRun, FinishTurn, OpenedTurn, RunReport, RunState, RunStatus
    from workflows.agent_decisions import Decisions
    from workflows.agent_turn import AgentTurn
    from workflows.policies import DATABASE_CALL, LAST_WORD


@workflow.defn
class RunAgentTaskRun:
    """Take the queued user messages of a run, one turn each, and end when none is left."""

    @workflow.init
    def __init__(self, run: AgentRun) -> None:
        self._input = run
        self._woken = False
        self._turn: AgentTurn | None = None
        self._decisions = Decisions(run.run_id)

    @workflow.run
    async def run(self, run: AgentRun) -> RunReport:
        """Turn after turn; the queue and the transcript are rows, the history holds references."""
        ends: list[FinishTurn] = []
        try:
            opened = run.turn or await self._open()
            while opened is not None:
                self._turn = AgentTurn(run, opened, self._decisions)
                ends.append(await self._finish(await self._turn.take()))
                await workflow.wait_condition(workflow.all_handlers_finished)
                opened = await self._open() if self._woken else None
        except (ActivityError, asyncio.CancelledError) as failure:
            if is_cancelled_exception(failure):
                await asyncio.shield(self._finish(self._cancelled()))
            raise
        if ends and ends[-1].status is RunStatus.FAILED:
            raise ApplicationError(ends[-1].error_message or "", type=ends[-1].error_code, non_retryable=True)
        return RunReport(status=self.state().status, turns=len(ends))

    @workflow.update
    def continue_run(self, client_ref: str) -> str:
        """See to the message that was queued under that reference. Only wakes the run, so it answers at once."""
        self._woken = True
        return client_ref

    @workflow.update
    async def decide(self, decision: models.Decision) -> models.CallOutcome:
        """Approve or reject a tool call that waits for it."""
        return await self._decisions.decide(decision)

    @decide.validator
    def _check(self, decision: models.Decision) -> None:
        self._decisions.check(decision)

    @workflow.query
    def state(self) -> RunState:
        """Where the run is, what waits for a person, what was used."""
        return self._turn.state() if self._turn else RunState(status=RunStatus.PENDING)

    async def _open(self) -> OpenedTurn | None:
        self._woken = False
        ask = models.NextTurn(run_id=self._input.run_id)
        return await workflow.execute_activity_method(Steps.open_agent_turn, ask, **DATABASE_CALL)

    def _cancelled(self) -> FinishTurn:
        """The end of a cancelled run: of its turn, if one was under way."""
        nothing_open = FinishTurn(run_id=self._input.run_id, turn=0, status=RunStatus.CANCELLED)
        return (self._turn and self._turn.cancelled()) or nothing_open

    async def _finish(self, end: FinishTurn) -> FinishTurn:
        closed = await workflow.execute_activity_method(Steps.finish_agent_turn, end, **LAST_WORD)
        self._woken = self._woken or closed.more
        return end
