"""The failures this service can name. The class name is the error type that Temporal shows and groups by.

Raised where the fact is seen (the marketplace client, the budget), decided by status code, headers and body
code, never by message text. Only the type's name crosses from an activity to its workflow and to operators.
"""

from datetime import timedelta

from temporalio.exceptions import ApplicationError


class Transient(ApplicationError):
    """Worth another try: Temporal retries it under the activity's policy."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message, type=type(self).__name__, next_retry_delay=retry_after)


class Permanent(ApplicationError):
    """Another try would fail the same way: the run ends, a person or the next tick goes on."""

    def __init__(self, message: str) -> None:
        super().__init__(message, type=type(self).__name__, non_retryable=True)


class Throttled(Transient):
    """The marketplace, or the seller's own rate budget, asks us to wait `retry_after`."""

    def __init__(self, message: str, *, retry_after: timedelta) -> None:
        super().__init__(message, retry_after=retry_after)
        self.retry_after = retry_after


class Unavailable(Transient):
    """Server error, timeout, dropped or undecodable answer; database or worker going away."""


class AccessRevoked(Permanent):
    """401: the token is dead or lacks the scope. The account is paused until the seller renews it.

    `request_id` is the marketplace's own id of the refused request: their support asks for it.
    """

    def __init__(self, message: str, *, request_id: str | None = None) -> None:
        super().__init__(message)
        self.request_id = request_id


class MethodRefused(Permanent):
    """403 on one method: that method stops, the account goes on."""


class RecordGone(Permanent):
    """The account, order or row named in the input does not exist (any more)."""


class Refused(Permanent):
    """A 4xx that we caused: another request of the same form would cost the seller ten more."""


class Incomplete(Permanent):
    """Part of what was asked for could not be read. What was read is stored; the next tick asks for all of it again."""


class Unreadable(Transient):
    """The answer is not what the API promises (HTML with 200, wrong shape). Tried again, within the policy."""


class Misconfigured(Exception):
    """A setting, key, file or database state that a person must mend; the message names it and the remedy."""
