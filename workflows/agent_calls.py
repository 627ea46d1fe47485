"""The tool calls of one step: reads side by side, writes one by one, the rest as soon as a person has agreed."""

import asyncio
from collections.abc import Sequence

from temporalio import workflow
from temporalio.workflow import ActivityConfig

with workflow.unsafe.imports_passed_through():
    from activities.agent_runs import AgentRunActivities
    from sellermind.models.agent_runs import CallRef, CallState, HoldTurn, RunTool
    from workflows.agent_decisions import Decisions
    from workflows.policies import DATABASE_CALL, TOOL_CALL

MAY_RUN = frozenset({CallState.PROPOSED, CallState.APPROVED, CallState.RUNNING})


class AgentCalls:
    """Carries out what a run's model asks for."""

    def __init__(self, run_id: int, decisions: Decisions) -> None:
        self._run_id = run_id
        self._decisions = decisions
        self._one_write_at_a_time = asyncio.Lock()

    async def carry_out(self, calls: Sequence[CallRef], where: str) -> None:
        """Carry out a step's calls; one that is refused, denied or expired is told to the model, not run.

        Args:
            calls: of the step, as the ledger has them.
            where: `turn 2 step 3`, for the Web UI.
        """
        held = [call for call in calls if call.state is CallState.AWAITING_APPROVAL]
        free = [call for call in calls if call.state in MAY_RUN]
        if held:
            self._decisions.expect(held)
            await self._hold(waiting=True)
            waits = ", ".join(f"{call.label} (call {call.call_id})" for call in held)
            workflow.set_current_details(f"{where}: a person must decide about {waits}")
        await asyncio.gather(
            *(self._run(call, where) for call in free), *(self._when_approved(call, where) for call in held)
        )
        if held:
            await self._hold(waiting=False)

    async def _when_approved(self, call: CallRef, where: str) -> None:
        if await self._decisions.wait(call) is CallState.APPROVED:
            await self._run(call, where)

    async def _run(self, call: CallRef, where: str) -> None:
        if not call.writes:
            return await self._execute(call, where)
        async with self._one_write_at_a_time:
            return await self._execute(call, where)

    async def _execute(self, call: CallRef, where: str) -> None:
        await workflow.execute_activity_method(
            AgentRunActivities.run_agent_tool,
            RunTool(run_id=self._run_id, call_id=call.call_id),
            **TOOL_CALL | ActivityConfig(summary=f"{where} · {call.label}"),
        )

    async def _hold(self, *, waiting: bool) -> None:
        hold = HoldTurn(run_id=self._run_id, waiting=waiting)
        await workflow.execute_activity_method(AgentRunActivities.hold_agent_turn, hold, **DATABASE_CALL)
