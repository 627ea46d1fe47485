"""Faults that take the place of an answer of Wildberries."""

from collections.abc import Callable
from uuid import uuid4

from sandbox.answers import PROBLEM, Answer, compact
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


def _payment_required(_fault: Fault) -> Answer:
    detail = "wb solution for business has insufficient funds on its balance. please top up the balance"
    return Answer(402, compact({"title": "payment required", "detail": detail}), PROBLEM)


_OUTAGES: dict[str, Callable[[Fault], Answer]] = {
    "throttle": _throttle,
    "server-error": lambda fault: html_page(fault.status),
    "unauthorized": lambda _: gateway_error(401, "token problem; token withdrawn"),
    "unauthorized-scope": lambda _: gateway_error(401, "token scope not allowed"),
    "unauthorized-service": lambda _: service_error(401, "Unauthorized"),
    "forbidden": lambda _: service_error(403, "AccessDenied"),
    "forbidden-gateway": lambda _: gateway_error(403, "token does not satisfy additional requirements"),
    "html": lambda _: not_data(),
    "empty": lambda _: Answer(204),
    "redirect": lambda _: elsewhere(),
    "refused": lambda _: service_error(400, "IncorrectRequest"),
    "payment-required": _payment_required,
    "gone": lambda _: gateway_error(404, "path not found"),
}
