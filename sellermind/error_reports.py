"""Reports to Sentry of what failed for good. Imported only where SELLERMIND_SENTRY_DSN is set: it costs memory.

An attempt that Temporal tries again is no failure, and each failure is told once: by the activity where it happened,
or by its workflow, where only that knows. A report holds types, places in the code and ids; of other people's errors
not even the text, which may quote a row, a header or an address.
"""

from typing import Any

import sentry_sdk
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import BadDsn
from temporalio import activity, workflow
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, RetryState, is_cancelled_exception
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    ExecuteWorkflowInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from sellermind import errors
from sellermind.errors import Misconfigured
from sellermind.redaction import shown

FLUSH_SECONDS = 2.0
TOLD_BY_ITS_ACTIVITY = {RetryState.NON_RETRYABLE_FAILURE, RetryState.MAXIMUM_ATTEMPTS_REACHED}


def start(dsn: str, release: str) -> ClientInterceptor:
    """Begin to report; the result goes to the client whose workers shall.

    Args:
        dsn: where to, SELLERMIND_SENTRY_DSN.
        release: the build that runs.

    Raises:
        Misconfigured: the DSN is none.
    """
    try:
        sentry_sdk.init(
            dsn,
            release=release,
            # Everything that would collect by itself is off: logs, requests, queries, sessions, local variables.
            default_integrations=False,
            auto_enabling_integrations=False,
            auto_session_tracking=False,
            max_breadcrumbs=0,
            include_local_variables=False,
            send_default_pii=False,
            before_send=_without_texts,
        )
    except BadDsn as error:
        raise Misconfigured(f"SELLERMIND_SENTRY_DSN is none ({error}); copy it from the project's settings.") from None
    return _Reports()


def flush() -> None:
    """Send what waits, within FLUSH_SECONDS; call it before the process ends."""
    sentry_sdk.flush(FLUSH_SECONDS)


def _without_texts(event: Event, _hint: Hint) -> Event:
    """Keep the messages of our own errors, which name no secret and no buyer; of all others only the type."""
    for one in event.get("exception", {}).get("values", []):
        one["value"] = shown(one["value"] or "") if one["module"] == errors.__name__ else ""
    return event


class _Reports(ClientInterceptor, Interceptor):
    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _OfActivities(next)

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002
        del input
        return _OfWorkflows


class _OfActivities(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 (the SDK's name)
        try:
            return await super().execute_activity(input)
        except Exception as error:
            info = activity.info()
            most = info.retry_policy.maximum_attempts if info.retry_policy else 0
            final = isinstance(error, ApplicationError) and error.non_retryable
            if (final or info.attempt == most) and not is_cancelled_exception(error):
                _report(
                    error,
                    workflow_type=info.workflow_type,
                    workflow_id=info.workflow_id,
                    run_id=info.workflow_run_id,
                    activity_type=info.activity_type,
                )
            raise


class _OfWorkflows(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002 (the SDK's name)
        try:
            return await super().execute_workflow(input)
        except Exception as error:
            told = isinstance(error, ActivityError) and error.retry_state in TOLD_BY_ITS_ACTIVITY
            if not (told or workflow.unsafe.is_replaying() or is_cancelled_exception(error)):
                info = workflow.info()
                _report(error, workflow_type=info.workflow_type, workflow_id=info.workflow_id, run_id=info.run_id)
            raise


def _report(error: Exception, **tags: str | None) -> None:
    cause = error.cause if isinstance(error, FailureError) else None
    named = cause if isinstance(cause, ApplicationError) else error
    kind = named.type if isinstance(named, ApplicationError) and named.type else type(named).__name__
    with sentry_sdk.new_scope() as scope:
        for name, value in {**tags, "error_type": kind}.items():
            scope.set_tag(name, value or "")
        # Ours says what a person must mend; everything else is a bug, or something that did not heal in time.
        scope.set_level("warning" if isinstance(error, errors.Permanent) else "error")
        sentry_sdk.capture_exception(error)
