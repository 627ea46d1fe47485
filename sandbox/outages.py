"""Faults that take the place of an answer: throttling, dead servers, dead tokens, pages that are no data."""

from collections.abc import Callable
from uuid import uuid4

from sandbox.answers import HTML, Answer, compact, gateway_error, service_error
from sandbox.faults import Fault

_PHRASES = {
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}
# A host that nobody answers for (RFC 2606): a client that follows takes its token there.
_ELSEWHERE = "https://elsewhere.invalid/api"


def outage(fault: Fault) -> Answer | None:
    """Return what Wildberries answers under a fault, None when the fault leaves the real answer."""
    build = _OUTAGES.get(fault.kind)
    return None if build is None else build(fault)


def html_page(status: int) -> Answer:
    """Return the page of a proxy whose server is gone."""
    title = f"{status} {_PHRASES[status]}"
    page = f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center>"
    return Answer(status, f"{page}<hr><center>nginx</center></body></html>".encode(), HTML)


def not_data() -> Answer:
    """Return the page of an anti-bot check: 200, and no data."""
    page = "<!DOCTYPE html><html><head><title>Почти готово...</title></head><body>Проверяем браузер</body></html>"
    return Answer(200, page.encode(), HTML)


def elsewhere() -> Answer:
    """Return a redirect to another host."""
    return Answer(302, b"", HTML, {"Location": _ELSEWHERE})


def retry_header(fault: Fault, own: str) -> dict[str, str]:
    """Return the header that says how long to wait: the fault's, else the marketplace's own."""
    return {} if fault.retry is None else {fault.header or own: str(fault.retry)}


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
