"""What a marketplace call is, what an answer is, and the two error bodies of Wildberries."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from uuid import uuid4

from multidict import MultiMapping

from sandbox.dates import rfc3339

JSON = "application/json"
PROBLEM = "application/problem+json"
HTML = "text/html"

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_MESSAGES = {
    "IncorrectParameter": "Передан некорректный параметр",
    "IncorrectRequestBody": "Некорректное тело запроса",
    "IncorrectRequest": "Переданы некорректные данные",
    "AccessDenied": "Доступ запрещён",
    "NotFound": "Не найдено",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a marketplace.

    Attributes:
        names: the parts of the path that the specification writes as `{name}`.
        query: the query string.
        body: as sent.
        faults: the kinds of the faults that strike it; those of paging are the operations' own business.
    """

    names: Mapping[str, str]
    query: MultiMapping[str]
    body: bytes
    faults: frozenset[str]


@dataclass(slots=True)
class Answer:
    """One answer, before it goes on the wire."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


def compact(value: object) -> bytes:
    """Return a value as JSON without spaces, Cyrillic as it is."""
    return _ENCODER.encode(value).encode()


def service_error(status: int, code: str) -> Answer:
    """Return an error as the Wildberries service behind the gateway writes it."""
    return Answer(status, compact({"code": code, "message": _MESSAGES[code]}))


def gateway_error(status: int, detail: str, content_type: str = JSON) -> Answer:
    """Return an error as the Wildberries gateway writes it.

    Args:
        status: the HTTP status.
        detail: what the gateway has to say.
        content_type: `application/problem+json` for the archive.
    """
    request_id = uuid4().hex
    reason = HTTPStatus(status).phrase
    body = {
        "title": reason.lower(),
        "detail": detail,
        "code": f"{request_id[:8]}-{request_id[-12:]}",
        "requestId": request_id,
        "origin": "s2s-api-auth-catalog",
        "status": status,
        "statusText": reason,
        "timestamp": rfc3339(time.time()),
    }
    return Answer(status, compact(body), content_type)
