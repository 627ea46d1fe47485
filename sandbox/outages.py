"""Answers that are no data, the same at every marketplace: dead servers, anti-bot pages, redirects."""

from sandbox.answers import HTML, Answer
from sandbox.faults import Fault

_PHRASES = {
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}
# A host that nobody answers for (RFC 2606): a client that follows takes its token there.
_ELSEWHERE = "https://elsewhere.invalid/api"


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
