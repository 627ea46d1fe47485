"""What a model server's error answer means: by status and the body's code or type; by its text where it has no code."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from temporalio.exceptions import ApplicationError

from sellermind.model_errors import (
    LlmAuth,
    LlmBadRequest,
    LlmContentFilter,
    LlmContextTooLong,
    LlmOverloaded,
    LlmQuotaExhausted,
    LlmRateLimited,
)

LONGEST_WAIT = timedelta(seconds=60)
_QUOTA = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_error", "access_terminated"})
_TOO_LONG = frozenset({"context_length_exceeded", "exceed_context_size_error", "request_too_large"})
_FILTERED = frozenset({"content_filter", "content_policy_violation"})
_OVERLOADED = frozenset({"overloaded_error", "api_error"})
# Anthropic has no code for it: an invalid_request_error whose message begins with these words, as its reference says.
_ANTHROPIC_TOO_LONG = "prompt is too long"


def failure_of(title: str, status: int, headers: Mapping[str, str], body: object) -> ApplicationError:
    """Name the failure behind an answer that is no 2xx.

    Args:
        title: which model was asked, for the message.
        status: HTTP status.
        headers: of the answer; `retry-after-ms` and `Retry-After` say how long to wait.
        body: decoded JSON, or None. Its text stays out of our message: it may quote the transcript.
    """
    error = _error(body)
    words = {str(error.get("code")), str(error.get("type"))}
    known = next(iter(words & (_QUOTA | _TOO_LONG | _FILTERED | _OVERLOADED)), "")
    said = f"{title}: HTTP {status}" + (f" {known}" if known else "")
    if status == HTTPStatus.TOO_MANY_REQUESTS and not words & _QUOTA:
        return LlmRateLimited(said, retry_after=_wait(headers))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or "overloaded_error" in words:
        return LlmOverloaded(said, retry_after=_wait(headers))
    return _permanent(said, status, words, too_long=_is_too_long(error))


def _permanent(said: str, status: int, words: set[str], *, too_long: bool) -> ApplicationError:
    """A 4xx that the same question would meet again."""
    if words & _QUOTA or status == HTTPStatus.PAYMENT_REQUIRED:
        return LlmQuotaExhausted(f"{said}: the account behind the key has no money or quota left; top it up.")
    if words & _TOO_LONG or too_long or status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return LlmContextTooLong(f"{said}: the transcript is longer than the model's context.")
    if words & _FILTERED:
        return LlmContentFilter(f"{said}: the provider's policy refuses the question.")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return LlmAuth(f"{said}: set the right key in SELLERMIND_MODEL_API_KEY or SELLERMIND_MODEL_KEYS.")
    return LlmBadRequest(f"{said}: check the model's name and its entry in SELLERMIND_MODELS.")


def _error(body: object) -> dict[str, Any]:
    """OpenAI's and Anthropic's bodies both keep it under `error`."""
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _is_too_long(error: dict[str, Any]) -> bool:
    return error.get("type") == "invalid_request_error" and str(error.get("message", "")).startswith(
        _ANTHROPIC_TOO_LONG
    )


def _wait(headers: Mapping[str, str]) -> timedelta | None:
    """The wait that the provider asks for, at most LONGEST_WAIT; None leaves it to the retry policy."""
    milliseconds, after = headers.get("retry-after-ms", ""), headers.get("retry-after", "")
    try:
        if milliseconds:
            wait = timedelta(milliseconds=float(milliseconds))
        elif after.replace(".", "", 1).isdigit():
            wait = timedelta(seconds=float(after))
        elif after:
            wait = parsedate_to_datetime(after) - datetime.now(UTC)
        else:
            return None
    except (ValueError, OverflowError, TypeError):
        return None
    return max(timedelta(0), min(wait, LONGEST_WAIT))
