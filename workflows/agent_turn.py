"""One turn of an agent's run: ask the model, carry out its calls, until it answers."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from sellermind.models.agent_runs import AgentRun, AskModel, FinishTurn, OpenedTurn, RunState, RunStatus, Spent
    from workflows.agent_calls import AgentCalls
    from workflows.agent_decisions import Decisions
    from workflows.agent_model import ask_model, failure_type

STEPS_IN_ONE_EXECUTION = 200


class AgentTurn:
    """Where a turn is; a new execution goes on from `opened`."""

    def __init__(self, run: AgentRun, opened: OpenedTurn, decisions: Decisions) -> None:
        self._run = run
        self._opened = opened
        self._step, self._model = opened.step, 0
        self._spent = Spent()
        self._status = RunStatus.RUNNING
        self._decisions = decisions
        self._calls = AgentCalls(run.run_id, decisions)

    def state(self) -> RunState:
        """What operators see of the turn."""
        waiting = self._decisions.waiting
        return RunState(
            status=RunStatus.WAITING_APPROVAL if waiting else self._status,
            turn=self._opened.turn,
            step=self._step,
            waiting=waiting,
            spent=self._spent,
        )

    async def take(self) -> FinishTurn:
        """Step after step, until the model has answered, or a step has failed for good.

        Raises:
            CancelledError: the run was cancelled.
            ContinueAsNewError: the history is long enough; the next execution goes on with the next step.
        """
        try:
            while not await self._answered():
                self._step += 1
                await self._leave_long_history()
        except ActivityError as failure:
            if is_cancelled_exception(failure):
                raise
            kind = failure_type(failure)
            ended = RunStatus.BUDGET_EXCEEDED if kind == "BudgetExceeded" else RunStatus.FAILED
            return self._end(ended, kind, getattr(failure.cause, "message", ""))
        return self._end(RunStatus.SUCCESS)

    def cancelled(self) -> FinishTurn | None:
        """The end of a turn whose run was cancelled; None if it had ended."""
        return self._end(RunStatus.CANCELLED) if self._status is RunStatus.RUNNING else None

    def _end(self, status: RunStatus, code: str | None = None, why: str | None = None) -> FinishTurn:
        self._status, turn = status, self._opened.turn
        return FinishTurn(run_id=self._run.run_id, turn=turn, status=status, error_code=code, error_message=why)

    async def _answered(self) -> bool:
        """Take one step."""
        where = f"turn {self._opened.turn} step {self._step}"
        workflow.set_current_details(where)
        ask = AskModel(run_id=self._run.run_id, turn=self._opened.turn, step=self._step, model=self._model)
        outcome, self._model = await ask_model(ask, self._opened.models)
        self._spent = outcome.spent
        await self._calls.carry_out(outcome.calls, where)
        return outcome.answered

    async def _leave_long_history(self) -> None:
        """Continue as new between two steps; decisions that are being written are waited for."""
        if workflow.info().is_continue_as_new_suggested() or self._step % STEPS_IN_ONE_EXECUTION == 0:
            await workflow.wait_condition(workflow.all_handlers_finished)
            at = self._opened.model_copy(update={"step": self._step})
            workflow.continue_as_new(self._run.model_copy(update={"turn": at}))
