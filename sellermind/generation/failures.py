"""What an item's failure means for the next model and for the other items of the task."""

from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

# Another model would meet the same.
FOR_EVERY_MODEL = frozenset({"RecordGone", "Refused", "LlmContentFilter", "BudgetExceeded"})
# All other items would meet the same: they are left as they are, for a retry.
FOR_EVERY_ITEM = frozenset({"BudgetExceeded", "LlmQuotaExhausted", "LlmAuth"})

# Nobody is to blame and the wait will end: the policy's attempts begin again, so often.
WORTH_WAITING = frozenset({"Unavailable", "LlmRateLimited"})
MOST_WAITS = 30


def reason_of(error: ActivityError) -> ApplicationError:
    """What the activity met; a worker that was lost with it counts as a model that gave no answer.

    Raises:
        ActivityError: it was cancelled.
    """
    if is_cancelled_exception(error):
        raise error
    if isinstance(error.cause, ApplicationError):
        return error.cause
    return ApplicationError("The step did not end in time, again and again.", type="LlmTimeout")
