"""What demo asks of the sandbox beside selling: its sellers, what truly happened, and to hold still."""

import time
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any

import httpx

from sellermind.models.payload import Payload

MINUTE = 60.0
ANSWER_WITHIN = 10.0


class SandboxSeller(Payload):
    """A seller of the sandbox, as GET /sandbox/sellers shows it."""

    name: str
    sid: str
    token: str
    orders: int


class SandboxControl:
    """The sandbox's control endpoints (sandbox/control.py)."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=ANSWER_WITHIN, trust_env=False)
        self._counts: defaultdict[str, deque[tuple[float, int]]] = defaultdict(deque)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def answers(self) -> bool:
        """Whether it is there yet."""
        try:
            return self._http.get("/sandbox/world").is_success
        except httpx.TransportError:
            return False

    def sellers(self) -> list[SandboxSeller]:
        """Its sellers, with a token that works and the number of their orders so far."""
        return [SandboxSeller.model_validate(card) for card in self._get("/sandbox/sellers")["sellers"]]

    def truth(self) -> Mapping[str, Mapping[str, Any]]:
        """Every order that ever was and every supply there is, by seller's sid."""
        return {seller["sid"]: seller for seller in self._get("/sandbox/truth")["sellers"]}

    def requests_in_a_minute(self) -> Mapping[str, int]:
        """How many requests of each seller (by sid) the sandbox answered in the last minute."""
        totals: defaultdict[str, int] = defaultdict(int)
        for row in self._get("/sandbox/stats")["paths"]:
            totals[row["seller"]] += row["requests"]
        return {sid: self._in_a_minute(sid, total) for sid, total in totals.items()}

    def hold_still(self) -> None:
        """End all faults and let nothing new happen, so that the table can catch up with the truth."""
        self._http.delete("/sandbox/faults").raise_for_status()
        self._http.post("/sandbox/world", json={"rate": 0, "speed": 0}).raise_for_status()

    def _get(self, path: str) -> Any:
        return self._http.get(path).raise_for_status().json()

    def _in_a_minute(self, sid: str, total: int) -> int:
        counts, now = self._counts[sid], time.monotonic()
        counts.append((now, total))
        while counts[0][0] < now - MINUTE:
            counts.popleft()
        return total - counts[0][1]
