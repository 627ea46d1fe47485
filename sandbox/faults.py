"""Faults: what is switched on to see whether a client survives it, and whom it strikes."""

import time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.answers import Asked

# Answered in place of the real answer (sandbox.outages).
Instead = Literal[
    "throttle",
    "server-error",
    "unauthorized",
    "unauthorized-scope",
    "unauthorized-service",
    "forbidden",
    "forbidden-gateway",
    "html",
    "empty",
    "redirect",
    "refused",
    "payment-required",
    "gone",
]
# The real answer with its rows spoiled (sandbox.damage).
Spoiled = Literal[
    "null-list",
    "empty-list",
    "bad-rows",
    "unknown-status",
    "duplicate-rows",
    "missing-rows",
]
# Listings that page, or lag, in ways the specification does not rule out (sandbox.paging).
Paging = Literal["repeat-cursor", "big-cursor", "short-pages", "late-end", "lagging"]
# The right answer that never arrives as it should (sandbox.wire).
OnTheWire = Literal["reset", "hang", "cut", "drip", "gzip", "gzip-lie", "latency"]
Damage = Literal["missing-id", "wrong-types", "long-text", "emoji", "huge-integers", "not-an-object", "bad-date"]

HeaderValue = Annotated[str, Field(max_length=1000, pattern=r"^[\x20-\x7e]*$")]


class Fault(BaseModel):
    """One fault, as `POST /sandbox/faults` takes it.

    Attributes:
        kind: what goes wrong.
        seller: only for this seller (sid, name or number); else for all.
        path: only where the path starts with this.
        query: only where the query string holds this, as `status=PACKING`.
        after: lets so many requests pass first.
        count: strikes so often and is over; else until it is deleted or its time is up.
        seconds: is over after this time.
        retry: throttle: the value of the header, as it is; null sends no header.
        header: throttle: the header that says how long; else the marketplace's own.
        status: server-error: which.
        delay: seconds before the answer (latency), each byte (drip), the end (hang), an order's listing (lagging).
        damage: bad-rows: this one for every row; else each row has another.
        rows: short-pages: at most so many a page; else a third of what was asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Instead | Spoiled | Paging | OnTheWire
    seller: str | None = None
    path: str | None = None
    query: str | None = None
    after: int = Field(default=0, ge=0)
    count: int | None = Field(default=None, ge=1)
    seconds: float | None = Field(default=None, gt=0)
    retry: int | HeaderValue | None = 2
    header: str | None = Field(default=None, pattern=r"^[A-Za-z-]+$")
    status: Literal[500, 502, 503, 504] = 502
    delay: float | None = Field(default=None, ge=0, le=3600)
    damage: Damage | None = None
    rows: int | None = Field(default=None, ge=1)

    @property
    def pause(self) -> float:
        """The delay asked for, else a second; a server that hangs does so for an hour."""
        if self.delay is not None:
            return self.delay
        return 3600.0 if self.kind == "hang" else 1.0


class Faults:
    """The faults that are switched on, with how often each has struck."""

    def __init__(self) -> None:
        self._active: list[_Active] = []

    def add(self, fault: Fault, sid: str | None) -> None:
        """Switch a fault on, for one seller or (sid None) for all."""
        self._active.append(_Active(fault, sid))

    def clear(self) -> None:
        """Switch all faults off."""
        self._active = []

    def strike(self, sid: str, asked: Asked) -> list[Fault]:
        """Return the faults that strike this request of a seller, and count them."""
        if not self._active:
            return []
        self._active = [active for active in self._active if not active.over()]
        return [active.fault for active in self._active if active.strikes(sid, asked)]

    def listed(self) -> list[dict[str, object]]:
        """Return the faults that are on, each with the number of its strikes."""
        return [
            active.fault.model_dump(exclude_defaults=True) | {"struck": active.struck}
            for active in self._active
            if not active.over()
        ]


class _Active:
    """One fault that is on."""

    def __init__(self, fault: Fault, sid: str | None) -> None:
        self.fault = fault
        self.struck = 0
        self._sid = sid
        self._passed = 0
        self._until = None if fault.seconds is None else time.monotonic() + fault.seconds

    def over(self) -> bool:
        """Whether its count or its time is used up."""
        if self._until is not None and time.monotonic() >= self._until:
            return True
        return self.fault.count is not None and self.struck >= self.fault.count

    def strikes(self, sid: str, asked: Asked) -> bool:
        """Whether it strikes this request; if so, count it."""
        if self._sid not in {None, sid} or not self._concerns(asked):
            return False
        self._passed += 1
        if self._passed <= self.fault.after or self.over():
            return False
        self.struck += 1
        return True

    def _concerns(self, asked: Asked) -> bool:
        return asked.path.startswith(self.fault.path or "") and (self.fault.query or "") in asked.query_string
