"""How a model is asked, and what is tried when it fails."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.workflow import ActivityConfig

with workflow.unsafe.imports_passed_through():
    from activities.agent_runs import AgentRunActivities
    from sellermind.models.agent_runs import AskModel, StepOutcome
    from workflows.policies import MODEL_CALL

# Failures of one model that another one may not have. A wrong key or request is nobody's but ours.
OF_THE_MODEL = frozenset(
    {
        "LlmRateLimited",
        "LlmQuotaExhausted",
        "LlmOverloaded",
        "LlmTimeout",
        "LlmUnreachable",
        "LlmUnreadable",
        "LlmContextTooLong",
        "LlmInvalidOutput",
        "TimeoutError",
    }
)


async def ask_model(ask: AskModel, models: int) -> tuple[StepOutcome, int]:
    """Ask the model of a step; where that fails, once with more room or less transcript, then the next model.

    Args:
        ask: the step, for the model to begin with.
        models: length of the agent's chain.

    Returns:
        The outcome, and the place in the chain of the model that answered.

    Raises:
        ActivityError: nothing is left to try.
    """
    while True:
        try:
            outcome = await workflow.execute_activity_method(
                AgentRunActivities.ask_agent_model,
                ask,
                **MODEL_CALL | ActivityConfig(summary=f"turn {ask.turn} step {ask.step} · model {ask.model + 1}"),
            )
        except ActivityError as failure:
            again = next_try(ask, failure_type(failure), models)
            if again is None:
                raise
            ask = again
        else:
            return outcome, ask.model


def next_try(ask: AskModel, failure: str, models: int) -> AskModel | None:
    """What to try after a failure of that type, or None."""
    if failure == "LlmContextTooLong" and not ask.compact:
        return ask.model_copy(update={"compact": True})
    if failure == "LlmTruncated" and not ask.longer:
        return ask.model_copy(update={"longer": True})
    if failure in OF_THE_MODEL and ask.model + 1 < models:
        return ask.model_copy(update={"model": ask.model + 1, "compact": False, "longer": False})
    return None


def failure_type(failure: ActivityError) -> str:
    """The name of what an activity met."""
    cause = failure.cause
    return cause.type or "" if isinstance(cause, ApplicationError) else type(cause).__name__
