"""Faults that take the place of an answer of Wildberries."""

from collections.abc import Callable
from uuid import uuid4

from sandbox.answers import Answer, compact
from sandbox.faults import Fault
from sandbox.outages import elsewhere, html_page, not_data, retry_header
from sandbox.wildberries.errors import gateway_error, service_error


def outage(fault: Fault) -> Answer | None:
    """Return what Wildberries answers under a fault, None when the fault leaves the real answer."""
    build = _OUTAGES.get(fault.kind)
    return None if build is None else build(fault)


def _throttle(fault: Fault) -> Answer:
    answer = gateway_error(429, f"limited by {uuid4()}")
    answer.headers |= retry_header(fault, "X-Ratelimit-Retry")
    return answer


def _unauthorized_by_service(_fault: Fault) -> Answer:
    return Answer(401, compact({"code": "Unauthorized", "message": "Пользователь не авторизован"}))


_OUTAGES: dict[str, Callable[[Fault], Answer]] = {
    "throttle": _throttle,
    "server-error": lambda fault: html_page(fault.status),
    "unauthorized": lambda _: gateway_error(401, "token problem; token withdrawn"),
    "unauthorized-scope": lambda _: gateway_error(401, "token scope not allowed"),
    "unauthorized-service": _unauthorized_by_service,
    "forbidden": lambda _: service_error(403, "AccessDenied"),
    "forbidden-gateway": lambda _: gateway_error(403, "token does not satisfy additional requirements"),
    "html": lambda _: not_data(),
    "empty": lambda _: Answer(204),
    "redirect": lambda _: elsewhere(),
}
