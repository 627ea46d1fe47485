"""The envelope of Uzum's answers: payload, errors, trace."""

import time
from uuid import uuid4

from sandbox.answers import Answer, compact
from sandbox.dates import rfc3339

_MESSAGES = {
    "bad-request": "Ошибка выполнения",
    "forbidden-001": "Token not found",
    "fbs-2-seller-access-denied": "Нет доступа к заказам продавца",
    "seller-order-01": "Заказ не найден",
    "seller-order-12": "Дата окончания раньше даты начала",
    "unauthorized": "Full authentication is required to access this resource",
}


def enveloped(payload: bytes) -> Answer:
    """Return a good answer around a payload that is JSON already."""
    return Answer(200, b'{"payload":%b,"errors":[],%b}' % (payload, _tail()))


def refused(status: int, code: str) -> Answer:
    """Return an answer with one error."""
    errors = compact([{"code": code, "message": _MESSAGES[code], "detailMessage": None}])
    return Answer(status, b'{"payload":null,"errors":%b,%b}' % (errors, _tail()))


def _tail() -> bytes:
    # The text "null" where null is meant was seen on the real API.
    return compact({"timestamp": rfc3339(time.time()), "trace": uuid4().hex[:16], "error": "null"})[1:-1]
