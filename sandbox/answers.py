"""What a request is, and what an answer is."""

import json
from dataclasses import dataclass, field

from multidict import MultiMapping

JSON = "application/json"
PROBLEM = "application/problem+json"
HTML = "text/html"

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: MultiMapping[str]
    query_string: str
    authorization: str | None
    body: bytes


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
