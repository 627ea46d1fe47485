"""What an answer other than 2xx means: decided by status, headers and body code, never by the words of a message."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from pydantic_core import from_json
from temporalio.exceptions import ApplicationError

from sellermind.errors import AccessRevoked, MethodRefused, RecordGone, Refused, Throttled, Unavailable, Unreadable
from sellermind.marketplaces.bodies import excerpt
from sellermind.marketplaces.rules import ApiRules

SHORTEST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is not 2xx; `title` says what was asked."""

    title: str
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """What an error body says, whichever family it is of; empty where it says nothing."""

    code: str = ""
    request_id: str = ""
    text: str = ""


def failure_of(rules: ApiRules, reply: Reply, *, secret: str) -> ApplicationError:
    """Name the failure (docs/behaviours.md).

    Args:
        rules: the marketplace's.
        reply: the answer.
        secret: the token, cut out of whatever the marketplace repeats of it.
    """
    said = read_error(reply.body, secret)
    message = _message(reply, said)
    if reply.status in rules.throttling_statuses:
        return Throttled(message, retry_after=seconds_to_wait(rules, reply.headers))
    if reply.status == HTTPStatus.UNAUTHORIZED:
        return AccessRevoked(message, request_id=said.request_id or None)
    if reply.status == HTTPStatus.FORBIDDEN:
        if said.code in rules.revoking_403_codes:
            return AccessRevoked(message, request_id=said.request_id or None)
        return MethodRefused(message)
    if reply.status == HTTPStatus.NOT_FOUND and said.code in rules.gone_codes:
        return RecordGone(message)
    return _other_failure(reply.status, message)


def _other_failure(status: int, message: str) -> ApplicationError:
    """Name a failure that means the same at every marketplace."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Unavailable(message)
    if status < HTTPStatus.BAD_REQUEST:  # a redirect is never followed: it would take the token along
        return Unreadable(message)
    return Refused(message)


def read_error(body: bytes, secret: str) -> Said:
    """Read an error body: `{code, message, …}`, `{title, detail, requestId, …}`, `{errors: [{code, …}]}`, or text.

    Args:
        body: as it came.
        secret: the token, left out.
    """
    try:
        found = from_json(body)
    except ValueError:
        found = body.decode(errors="replace")
    if not isinstance(found, dict):
        return Said(text=_line(found, secret) if isinstance(found, str) else "")
    errors = found.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return Said(
        code=_first(secret, found.get("code"), first.get("code")),
        request_id=_first(secret, found.get("requestId"), found.get("trace")),
        text=_first(secret, found.get("detail"), found.get("message"), first.get("message"), found.get("title")),
    )


def _first(secret: str, *values: Any) -> str:
    """Give the first value that is text or a number, fit for one line."""
    return next((_line(str(v), secret) for v in values if isinstance(v, str | int) and v), "")


def _line(text: str, secret: str) -> str:
    """Give the beginning of a text without the token or any long part of it, which the cut could else halve."""
    for piece in [secret, *secret.split(".")]:
        if len(piece) >= 8:  # noqa: PLR2004 - shorter pieces are words of any sentence
            text = text.replace(piece, "[token]")
    return excerpt(text)


def _message(reply: Reply, said: Said) -> str:
    """Say in one line what was asked and what came back."""
    parts = [f"{reply.title}: {reply.status}", said.code, said.text and f"“{said.text}”"]
    parts.append(said.request_id and f"requestId {said.request_id}")
    return " ".join(part for part in parts if part)


def seconds_to_wait(rules: ApiRules, headers: Mapping[str, str]) -> timedelta:
    """Read how long a throttled seller must wait: the first header that makes sense, else the policy's default.

    Between one second (so that no answer makes us spin) and seven days.
    """
    spent = count_of(headers, rules.daily_header) == 0
    waits = (_wait(headers[name], headers) for name in rules.wait_headers if name in headers)
    wait = next((wait for wait in waits if wait is not None), rules.rate.default_wait)
    return min(max(wait, rules.daily_probe if spent else SHORTEST_WAIT), LONGEST_WAIT)


def count_of(headers: Mapping[str, str], name: str | None) -> int | None:
    """Read a header that counts calls; None where it is absent or no count (a limiter in trouble says -1)."""
    value = headers.get(name, "") if name else ""
    return int(value[:9]) if value.isascii() and value.isdigit() else None


def _wait(value: str, headers: Mapping[str, str]) -> timedelta | None:
    """Read seconds, or an HTTP date, which counts from the server's own clock if it tells it."""
    try:
        seconds = float(value)
    except ValueError:
        until, now = _http_date(value), _http_date(headers.get("Date", "")) or datetime.now(UTC)
        return until - now if until else None
    return None if math.isnan(seconds) else timedelta(seconds=min(max(seconds, 0), LONGEST_WAIT.total_seconds()))


def _http_date(value: str) -> datetime | None:
    """Read an HTTP date, or None."""
    try:
        found = parsedate_to_datetime(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
