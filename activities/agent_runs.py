"""Activities of agents' runs: each one a step that is stored before it returns, and found again by a retry."""

from datetime import UTC, datetime

from sqlalchemy import Connection, Engine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.booking import write_off
from activities.heartbeat import beating
from activities.model_calls import PaidAnswer, PaidModels
from sellermind.agents import execution, steps, turns
from sellermind.agents.limits import afford
from sellermind.models.agent_runs import (
    AskModel,
    CallOutcome,
    FinishTurn,
    HoldTurn,
    NextTurn,
    OpenedTurn,
    RecordDecision,
    RunStatus,
    RunTool,
    StepOutcome,
    TurnFinished,
)
from sellermind.models.usage import Payer
from sellermind.storage import agent_runs
from sellermind.storage.engine import transaction


class AgentRunActivities:
    """Steps of one conversation between a user, a model and its tools."""

    def __init__(self, engine: Engine, models: PaidModels) -> None:
        self._engine = engine
        self._models = models

    @activity.defn
    def open_agent_turn(self, ask: NextTurn) -> OpenedTurn | None:
        """Take the next user message of the run; None if there is none."""
        with transaction(self._engine) as connection:
            write_off(connection)  # of an execution that was terminated
            return turns.open_next(connection, ask.run_id, _execution())

    @activity.defn(no_thread_cancel_exception=True)
    def ask_agent_model(self, ask: AskModel) -> StepOutcome:
        """Ask the model once and store its answer; an answer that is stored already is not paid for again."""
        with beating():
            with transaction(self._engine) as connection:
                question = steps.prepare(connection, ask, _execution())
                if isinstance(question, StepOutcome):
                    return question
                if self._models.is_crowded(question.model, question.request):
                    question = steps.shortened(connection, question)
            run = question.run
            afford(run, self._models.most(question.model, question.request).micros)
            payer = Payer(company_id=run.company_id, user_id=run.user_id, agent_task_run_id=run.id)
            execution_id = _execution()

            def keep(connection: Connection, paid: PaidAnswer) -> StepOutcome | ApplicationError:
                return steps.keep(connection, ask, execution_id, paid.answer, paid.cost)

            kept = self._models.ask(payer, question.model, question.request, keep)
        if isinstance(kept, ApplicationError):
            raise kept
        return kept

    @activity.defn(no_thread_cancel_exception=True)
    def run_agent_tool(self, job: RunTool) -> CallOutcome:
        """Carry out one call of the ledger, once."""
        with beating():
            return execution.carry_out(self._engine, job, _execution(), datetime.now(UTC))

    @activity.defn
    def hold_agent_turn(self, hold: HoldTurn) -> None:
        """Show in the run's row that it waits for a person, or works again."""
        status = RunStatus.WAITING_APPROVAL if hold.waiting else RunStatus.RUNNING
        with transaction(self._engine) as connection:
            agent_runs.set_status(connection, hold.run_id, status)

    @activity.defn
    def record_agent_decision(self, record: RecordDecision) -> CallOutcome:
        """Enter a person's decision into the ledger: one for each call, for exactly its arguments, in time."""
        with transaction(self._engine) as connection:
            return turns.decide(connection, record.run_id, record.decision, _execution(), datetime.now(UTC))

    @activity.defn
    def expire_agent_call(self, job: RunTool) -> CallOutcome:
        """End a call that nobody decided about in time."""
        with transaction(self._engine) as connection:
            return turns.expire(connection, job.run_id, job.call_id, _execution())

    @activity.defn
    def finish_agent_turn(self, end: FinishTurn) -> TurnFinished:
        """Close a turn with a true status."""
        with transaction(self._engine) as connection:
            write_off(connection)
            return turns.finish(connection, end, _execution())


def _execution() -> str:
    """The execution of the workflow that this activity belongs to."""
    return activity.info().workflow_run_id or ""
