"""Faults of the model server: what a test switches on to see what a client survives."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Endpoint = Literal["chat", "images", "files"]
Instead = Literal[
    "rate-limit",
    "quota",
    "overloaded",
    "server-error",
    "context",
    "policy",
    "bad-request",
    "unauthorized",
    "forbidden",
    "not-found",
    "html",
    "not-json",
]
Spoiled = Literal[
    "cut",
    "bad-json",
    "off-schema",
    "fenced",
    "chatty",
    "wrong-language",
    "wrong-tool",
    "wrong-arguments",
    "tool-loop",
    "content-filter",
    "empty",
    "no-choices",
    "no-usage",
]
OnTheWire = Literal["reset", "lost", "hang", "drip", "latency"]


class ModelFault(BaseModel):
    """One fault, as `POST /sandbox/faults` takes it.

    Attributes:
        kind: what goes wrong. `lost` is paid, but the connection drops before the answer; `reset` drops it unpaid;
            `fenced` wraps JSON into a Markdown fence, `chatty` puts reasoning and words around that,
            `off-schema` adds a property that the schema does not know.
        endpoint: chat is both /v1/chat/completions and /v1/messages, files are the images' URLs.
        model: only for calls of this model.
        contains: only for calls whose transcript (or image prompt) has this text in it.
        count: strikes so often, then is over; null: until it is deleted.
        after: lets so many calls pass first.
        retry: rate-limit, overloaded: the value of the header, sent as it is; null sends none.
        header: rate-limit, overloaded: which header says how long.
        status: server-error: 500, 502, 503, 504 or 529.
        delay: latency, hang, drip: seconds (a drip waits so long before each byte).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Instead | Spoiled | OnTheWire
    endpoint: Endpoint = "chat"
    model: str | None = None
    contains: str | None = None
    count: int | None = Field(default=1, ge=1)
    after: int = Field(default=0, ge=0)
    retry: int | float | str | None = 1
    header: Literal["retry-after", "retry-after-ms"] = "retry-after"
    status: Literal[500, 502, 503, 504, 529] = 500
    delay: float = Field(default=1.0, ge=0, le=3600)


class ModelFaults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self._active: list[_Active] = []

    def add(self, fault: ModelFault) -> None:
        """Switch a fault on."""
        self._active.append(_Active(fault))

    def clear(self) -> None:
        """Switch all faults off."""
        self._active.clear()

    def listed(self) -> list[ModelFault]:
        """Return the faults that can still strike."""
        return [active.fault for active in self._active if not active.over]

    def strike(self, endpoint: Endpoint, model: str, text: str) -> ModelFault | None:
        """Return the fault that hits a call, None if it goes well."""
        for active in self._active:
            if active.hits(endpoint, model, text):
                return active.fault
        return None


class _Active:
    """A fault and how often it has been met."""

    def __init__(self, fault: ModelFault) -> None:
        self.fault = fault
        self._met = 0

    @property
    def over(self) -> bool:
        return self.fault.count is not None and self._met >= self.fault.after + self.fault.count

    def hits(self, endpoint: Endpoint, model: str, text: str) -> bool:
        fault = self.fault
        fits = fault.endpoint == endpoint and fault.model in (None, model) and (fault.contains or "") in text
        if not fits or self.over:
            return False
        self._met += 1
        return self._met > fault.after
