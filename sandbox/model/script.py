"""The script: replies that a test wrote down, given before the rules are asked."""

import json
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from sandbox.model.chat import Chat, Ending, Reply, ToolCall


class Call(BaseModel):
    """A tool call of the script; arguments as an object, or as text to send as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    arguments: dict[str, Any] | str = {}
    id: str | None = None


class Line(BaseModel):
    """One scripted reply, as `POST /sandbox/script` takes it.

    Attributes:
        text: what the model says.
        value: what it says as JSON, instead of a text.
        calls: the tools it calls.
        ending: `finish_reason`; left out, it follows from the calls.
        contains: only for transcripts with this text in them.
        step: only when so many replies to the last user message stand in the transcript already.
        model: only for calls of this model.
        count: is given so often; null: until the script is cleared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = ""
    value: Any = None
    calls: tuple[Call, ...] = ()
    ending: Ending | None = None
    contains: str | None = None
    step: int | None = Field(default=None, ge=0)
    model: str | None = None
    count: int | None = Field(default=1, ge=1)


class Script:
    """Lines in the order in which they were written; the first that fits a call is its reply."""

    def __init__(self) -> None:
        self._lines: list[tuple[Line, list[int]]] = []

    def add(self, lines: Iterable[Line]) -> None:
        """Append lines."""
        self._lines.extend((line, [0]) for line in lines)

    def clear(self) -> None:
        """Forget all lines."""
        self._lines.clear()

    def next(self, chat: Chat) -> Reply | None:
        """Return the reply that the script has for a call, None if it has none."""
        for line, given in self._lines:
            if _fits(line, chat) and (line.count is None or given[0] < line.count):
                given[0] += 1
                return _reply(line, chat)
        return None


def _fits(line: Line, chat: Chat) -> bool:
    step = sum(turn.role == "assistant" for turn in chat.since_question)
    return line.step in (None, step) and line.model in (None, chat.model) and (line.contains or "") in chat.text


def _reply(line: Line, chat: Chat) -> Reply:
    step = sum(turn.role == "assistant" for turn in chat.turns)
    calls = tuple(
        ToolCall(call.id or f"call_{step}_{place}", call.name, _text(call.arguments))
        for place, call in enumerate(line.calls)
    )
    said = line.text if line.value is None else _text(line.value)
    return Reply(said, calls, line.ending or ("tool_calls" if calls else "stop"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
