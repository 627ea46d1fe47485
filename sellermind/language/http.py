"""One request to a model server, bounded in time and size, its failures named, never repeated."""

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic_core import from_json

from sellermind.language.refusals import failure_of
from sellermind.model_errors import LlmInvalidOutput, LlmTimeout, LlmUnreachable, LlmUnreadable
from sellermind.tls import trusted

CONNECT_SECONDS = 5.0
DEADLINE_SECONDS = 600.0
"""For the whole answer, as the providers' own clients have it: a small model on a plain computer takes its time."""
LARGEST_BODY = 8 * 1024 * 1024


def base_url(url: str) -> str:
    """A server's base URL, however people write it: `http://host:8080` and `…/v1/chat/completions` mean `…/v1`."""
    written = url.strip().rstrip("/").removesuffix("/chat/completions")
    return written if urlsplit(written).path else f"{written}/v1"


def build_model_http_client(deadline_seconds: float = DEADLINE_SECONDS) -> httpx.Client:
    """Build the process's client for model servers: patient, without redirects, proxies or cookies from outside.

    Args:
        deadline_seconds: for a whole answer.
    """
    return httpx.Client(
        verify=trusted(),
        timeout=httpx.Timeout(deadline_seconds, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=16),
        follow_redirects=False,
        trust_env=False,
        headers={"Accept": "application/json", "User-Agent": "sellermind-workflows"},
    )


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `title` says in messages which model is asked. A body is posted, without one it is a GET."""

    title: str
    url: str
    headers: dict[str, str]
    body: dict[str, Any] | None = None


def send(http: httpx.Client, call: Call) -> Any:
    """Send one request and give the answer's JSON.

    Args:
        http: the process's client.
        call: what to send.

    Raises:
        LlmRateLimited, LlmQuotaExhausted, LlmOverloaded, LlmContextTooLong, LlmContentFilter, LlmAuth, LlmBadRequest:
            as the server answered.
        LlmTimeout: no whole answer within the client's read timeout.
        LlmUnreachable: the connection failed.
        LlmUnreadable: 200, and no JSON.
        LlmInvalidOutput: more than any answer has.
    """
    ends, title = time.monotonic() + (http.timeout.read or DEADLINE_SECONDS), call.title
    method = "POST" if call.body else "GET"
    try:
        with http.stream(method, call.url, headers=call.headers, json=call.body) as response:
            content = _read(title, response, ends)
    except httpx.TimeoutException as error:
        raise LlmTimeout(f"{title}: no answer in time ({type(error).__name__})") from None
    except (httpx.RequestError, httpx.InvalidURL) as error:
        # Only its name: the text of a protocol error can hold the key.
        raise LlmUnreachable(f"{title}: {type(error).__name__}") from None
    decoded = _decode(content)
    if response.status_code != HTTPStatus.OK:
        raise failure_of(title, response.status_code, response.headers, decoded)
    if decoded is None:
        raise LlmUnreadable(f"{title}: the answer is no JSON.")
    return decoded


def _read(title: str, response: httpx.Response, ends: float) -> bytes:
    """The body; a server that sends it drop by drop is cut off at the deadline."""
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if time.monotonic() > ends:
            raise LlmTimeout(f"{title}: the answer was not whole in time")
        if len(content) > LARGEST_BODY:
            raise LlmInvalidOutput(f"{title}: the answer is larger than {LARGEST_BODY} bytes.")
    return bytes(content)


def _decode(content: bytes) -> Any:
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError:
        return None
