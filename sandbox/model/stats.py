"""What the model server counts: calls, paid calls, tokens, and how many ran at once."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.model.chat import Usage

_KEPT_REQUESTS = 500


class ModelStats:
    """Counters since the start or the last reset."""

    def __init__(self) -> None:
        self._requests: list[dict[str, Any]] = []
        self._counts: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._faults: Counter[str] = Counter()
        self._paid_by_model: Counter[str] = Counter()
        self._paid_by_key: Counter[str] = Counter()
        self._running = 0
        self._most_at_once = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count a call while it runs."""
        self._counts["calls"] += 1
        self._running += 1
        self._most_at_once = max(self._most_at_once, self._running)
        try:
            yield
        finally:
            self._running -= 1

    def note_request(self, path: str, key: str | None, body: object) -> None:
        """Keep a request's body, for tests that ask what was sent; the API key is never kept."""
        self._requests = [*self._requests[1 - _KEPT_REQUESTS :], {"path": path, "key": key, "body": body}]

    def note_refusal(self, kind: str) -> None:
        """Count an error answer."""
        self._refused[kind] += 1

    def note_fault(self, kind: str) -> None:
        """Count a fault that struck."""
        self._faults[kind] += 1

    def note_paid(self, model: str, key: str | None, usage: Usage, images: int = 0) -> None:
        """Count a call that a provider would put on the bill, whether its answer arrives or not."""
        self._counts["paid"] += 1
        self._counts["images"] += images
        self._counts["prompt_tokens"] += usage.prompt
        self._counts["cached_tokens"] += usage.cached
        self._counts["completion_tokens"] += usage.completion
        self._paid_by_model[model] += 1
        if key:
            self._paid_by_key[key] += 1

    def requests(self) -> list[dict[str, Any]]:
        """Return the last requests, oldest first."""
        return self._requests

    def report(self) -> dict[str, Any]:
        """Return all counters."""
        names = ("calls", "paid", "images", "prompt_tokens", "cached_tokens", "completion_tokens")
        return {name: self._counts[name] for name in names} | {
            "running": self._running,
            "most_at_once": self._most_at_once,
            "refused": dict(self._refused),
            "faults": dict(self._faults),
            "paid_by_model": dict(self._paid_by_model),
            "paid_by_key": dict(self._paid_by_key),
        }
