"""Bodies of answers: read within a time and a size, and decoded only as what they say they are."""

import contextlib
import json
from typing import Any

import httpx
from pydantic_core import from_json

from sellermind.errors import Unreadable

BODY_LIMIT = 32 * 1024 * 1024
ERROR_BODY_LIMIT = 64 * 1024


def read_body(title: str, response: httpx.Response) -> bytes:
    """Read a good answer's body, decompressed.

    Args:
        title: what was asked, for the messages.
        response: the open answer.

    Raises:
        Unreadable: longer than 32 MB.
        httpx.RequestError: cut off, reset, too slow, or not compressed as its header says.
    """
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise Unreadable(f"{title}: the answer is longer than {BODY_LIMIT >> 20} MB")
    return bytes(body)


def read_error_body(response: httpx.Response) -> bytes:
    """Read what can be had of an error's body: its status says what happened even if the body breaks off."""
    body = bytearray()
    with contextlib.suppress(httpx.RequestError):
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) >= ERROR_BODY_LIMIT:
                break
    return bytes(body[:ERROR_BODY_LIMIT])


def decode(title: str, content_type: str, body: bytes) -> Any:
    """Decode a good answer: None for an empty body, JSON if and only if the content type says so.

    Raises:
        Unreadable: another content type (an anti-bot page comes as HTML with 200), or invalid JSON.
    """
    if not body.strip():
        return None
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise Unreadable(f"{title}: {excerpt(kind) or 'no content type'} instead of JSON")
    try:
        return _parse(body)
    except (ValueError, RecursionError):
        raise Unreadable(f"{title}: invalid JSON of {len(body)} bytes") from None


def _parse(body: bytes) -> Any:
    """Parse strictly, or else as Python's own parser does: half a surrogate pair or a NaN costs a row, not its page.

    Raises:
        ValueError: no JSON in either reading.
        RecursionError: nested thousands deep.
    """
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError:
        return json.loads(body)


def excerpt(text: str, length: int = 200) -> str:
    """Give the first `length` characters, on one line: whatever does not print (control, bidirectional) is a space."""
    return "".join(c if c.isprintable() else " " for c in text[:length]).strip()
