"""A model call and its reply in neutral terms: what both wire forms are read into and written from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Schema = Mapping[str, Any]
Role = Literal["system", "user", "assistant", "tool"]
Ending = Literal["stop", "tool_calls", "length", "content_filter"]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the caller offers."""

    name: str
    description: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model wants; `arguments` is JSON text, or what the model takes for it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the transcript; a tool's turn names the call that it answers."""

    role: Role
    text: str
    calls: tuple[ToolCall, ...] = ()
    answers: str | None = None
    pictures: tuple[str, ...] = ()
    """Its pictures, each as its type and the SHA-256 of its bytes."""


@dataclass(frozen=True, slots=True)
class Chat:
    """What the caller asks.

    Attributes:
        model: as asked for.
        turns: the transcript, system texts first.
        tools: what may be called.
        choice: `auto`, `none`, `required`, or the name of the one tool that must be called.
        schema: the JSON schema that the reply's text must match.
        limit: the most tokens the reply may have.
    """

    model: str
    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...] = ()
    choice: str = "auto"
    schema: Schema | None = None
    limit: int | None = None

    @property
    def question(self) -> str:
        """The last user message."""
        return next((turn.text for turn in reversed(self.turns) if turn.role == "user"), "")

    @property
    def text(self) -> str:
        """All messages in one text, for searching, their pictures by type and hash."""
        return "\n".join(part for turn in self.turns for part in (*turn.pictures, turn.text))

    @property
    def since_question(self) -> tuple[Turn, ...]:
        """The turns after the last user message: the tool calls of this question and their results."""
        asked = max((place for place, turn in enumerate(self.turns) if turn.role == "user"), default=-1)
        return self.turns[asked + 1 :]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model says."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    ending: Ending = "stop"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call; the cached ones are part of the prompt's."""

    prompt: int
    cached: int
    completion: int


class Refusal(Exception):
    """The server answers with an error instead; `kind` is a row of refusals.REFUSALS."""

    def __init__(self, kind: str, message: str, *, headers: Mapping[str, str] | None = None, status: int = 0) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.headers = dict(headers or {})
        self.status = status


def require(condition: object, message: str) -> None:
    """Refuse a request that is not as the provider's reference wants it.

    Raises:
        Refusal: the condition does not hold.
    """
    if not condition:
        raise Refusal("bad-request", message)
