"""Faults that take the place of an answer of Uzum."""

from collections.abc import Callable

from sandbox.answers import Answer
from sandbox.faults import Fault
from sandbox.outages import elsewhere, html_page, not_data, retry_header
from sandbox.uzum.errors import refused


def outage(fault: Fault) -> Answer | None:
    """Return what Uzum answers under a fault, None when the fault leaves the real answer."""
    build = _OUTAGES.get(fault.kind)
    return None if build is None else build(fault)


_OUTAGES: dict[str, Callable[[Fault], Answer]] = {
    "throttle": lambda fault: Answer(429, headers=retry_header(fault, "Retry-After")),
    "server-error": lambda fault: html_page(fault.status),
    "unauthorized": lambda _: refused(401, "unauthorized"),
    "unauthorized-scope": lambda _: refused(403, "fbs-2-seller-access-denied"),
    "unauthorized-service": lambda _: Answer(401),
    "forbidden": lambda _: refused(403, "fbs-2-seller-access-denied"),
    "forbidden-gateway": lambda _: refused(403, "forbidden-001"),
    "html": lambda _: not_data(),
    "empty": lambda _: Answer(204),
    "redirect": lambda _: elsewhere(),
    "refused": lambda _: refused(400, "bad-request"),
    "payment-required": lambda _: Answer(402),
    "gone": lambda _: refused(403, "forbidden-001"),
}
