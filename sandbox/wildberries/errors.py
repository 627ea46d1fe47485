"""The two error bodies of Wildberries: that of the gateway, and that of the service behind it."""

import time
from http import HTTPStatus
from uuid import uuid4

from sandbox.answers import JSON, Answer, compact
from sandbox.dates import rfc3339

_MESSAGES = {
    "IncorrectParameter": "Передан некорректный параметр",
    "IncorrectRequestBody": "Некорректное тело запроса",
    "IncorrectRequest": "Переданы некорректные данные",
    "AccessDenied": "Доступ запрещён",
    "NotFound": "Не найдено",
    "Unauthorized": "Пользователь не авторизован",
}


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
