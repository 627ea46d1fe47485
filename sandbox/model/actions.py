"""Tools for a server that knows none: a schema whose answer is one action, a tool call or the last word.

Such a request reads `{"action": {"tool": …, "arguments": …}}` or `{"action": {"answer": …}}`; the results of tools come
back as user messages that begin with `Result of <tool>:`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sandbox.model.chat import Chat, Reply, Schema, Tool, ToolCall, Turn

_RESULT = re.compile(r"^Result of (\w+):\n", re.MULTILINE)


def as_tools(chat: Chat) -> Chat | None:
    """Return the same request with real tools, None if its schema is about something else."""
    action: Schema = (chat.schema or {}).get("properties", {}).get("action", {})
    choices = [choice.get("properties", {}) for choice in action.get("anyOf", [action])]
    if not any("answer" in choice for choice in choices):
        return None
    tools = tuple(Tool(_name(choice["tool"]), "", choice["arguments"]) for choice in choices if "tool" in choice)
    turns = tuple(again for place, turn in enumerate(chat.turns) for again in _turns(turn, place))
    return replace(chat, turns=turns, tools=tools, choice="auto", schema=None)


def as_action(reply: Reply) -> Reply:
    """Return a reply as one action: its first call, or its text."""
    action: dict[str, Any] = {"answer": reply.text}
    if reply.calls:
        action = {"tool": reply.calls[0].name, "arguments": json.loads(reply.calls[0].arguments)}
    return Reply(json.dumps({"action": action}, ensure_ascii=False))


def _name(tool: Schema) -> str:
    return str(tool["enum"][0] if "enum" in tool else tool["const"])


def _turns(turn: Turn, place: int) -> Iterator[Turn]:
    if turn.role == "assistant":
        yield replace(turn, text="", calls=tuple(_calls(turn.text, place)))
    elif turn.role == "user" and _RESULT.match(turn.text):
        _, *parts = _RESULT.split(turn.text)
        for name, result in zip(parts[::2], parts[1::2], strict=True):
            yield Turn("tool", result, answers=name)
    else:
        yield turn


def _calls(text: str, place: int) -> Iterator[ToolCall]:
    for number, line in enumerate(text.splitlines()):
        try:
            action = json.loads(line)["action"]
        except (ValueError, KeyError, TypeError):
            continue
        if "tool" in action:
            yield ToolCall(f"action_{place}_{number}", action["tool"], json.dumps(action.get("arguments", {})))
