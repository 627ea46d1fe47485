"""Action mode: tools for servers that know none. The answer must match a schema: one tool call, or the last word."""

import json
from typing import Any

from sellermind.language.schemas import inlined
from sellermind.language.texts import object_in
from sellermind.models.language import AskedCall, ChatMessage, ModelRequest, OutputSchema, ToolSpec

PROTOCOL = """
Answer with one JSON object, nothing else. Either call one tool:
{"action": {"tool": "<name>", "arguments": {...}}}
or, when you know enough, give your answer to the user:
{"action": {"answer": "<text>"}}
Use null for every argument that you do not need. The result of a tool comes in the next message; never invent one."""

# A small model on a plain computer says what it has to say in so many characters; unbounded, it would talk until the
# deadline.
ANSWER: dict[str, Any] = {
    "type": "object",
    "properties": {"answer": {"type": "string", "minLength": 1, "maxLength": 1200}},
}


def offers_actions(request: ModelRequest) -> bool:
    """Whether the transcript is one with tools, even if they are withdrawn now."""
    return request.form is None and bool(request.tools or any(message.calls for message in request.messages))


def as_actions(request: ModelRequest) -> ModelRequest:
    """The same question with its tools described in the text and its answer bound to a schema."""
    described = PROTOCOL + "".join(_described(tool) for tool in request.tools)
    if not request.tools:
        described += "\nNo tools are left: give your answer now."
    messages = _merged([_plain(message) for message in request.messages])
    first = messages[0].content if messages and messages[0].role == "system" else ""
    system = ChatMessage(role="system", content=f"{first}\n{described}".strip())
    rest = messages[1:] if messages and messages[0].role == "system" else messages
    return request.model_copy(
        update={"messages": (system, *rest), "tools": (), "must_call": False, "form": _schema(request.tools)}
    )


def read_action(text: str) -> tuple[str, tuple[AskedCall, ...], bool]:
    """Answer text, calls, and whether the text was an action at all."""
    found = object_in(text) or {}
    action = found.get("action", found)  # without a schema to hold them, models leave the outer object out
    if not isinstance(action, dict):
        return text, (), False
    if isinstance(action.get("answer"), str):
        return action["answer"], (), True
    if not isinstance(action.get("tool"), str):
        return text, (), False
    arguments = action.get("arguments")
    return (
        "",
        (AskedCall(id="", tool=action["tool"], arguments=arguments if isinstance(arguments, dict) else None),),
        True,
    )


def _schema(tools: tuple[ToolSpec, ...]) -> OutputSchema:
    calls = [
        {
            "type": "object",
            "properties": {"tool": {"enum": [tool.name], "type": "string"}, "arguments": inlined(tool.parameters)},
        }
        for tool in tools
    ]
    action: dict[str, Any] = {"anyOf": [*calls, ANSWER]} if calls else ANSWER
    return OutputSchema(name="action", definition={"type": "object", "properties": {"action": action}})


def _described(tool: ToolSpec) -> str:
    properties = tool.parameters.get("properties", {})
    arguments = ", ".join(f"{name} ({each.get('description', 'see schema')})" for name, each in properties.items())
    return f"\nTool {tool.name}: {tool.description} Arguments: {arguments or 'none'}."


def _plain(message: ChatMessage) -> ChatMessage:
    """A message in the words of the protocol: these servers' chat templates often know no role `tool`."""
    if message.role == "tool":
        return ChatMessage(role="user", content=f"Result of {message.tool}:\n{message.content}")
    if message.calls:
        actions = [{"action": {"tool": call.tool, "arguments": call.arguments or {}}} for call in message.calls]
        return ChatMessage(
            role="assistant", content="\n".join(json.dumps(each, ensure_ascii=False) for each in actions)
        )
    if message.role == "assistant":
        return ChatMessage(
            role="assistant", content=json.dumps({"action": {"answer": message.content}}, ensure_ascii=False)
        )
    return message


def _merged(messages: list[ChatMessage]) -> list[ChatMessage]:
    """Neighbours of one role as one message: many chat templates insist on turns."""
    merged: list[ChatMessage] = []
    for message in messages:
        if merged and merged[-1].role == message.role:
            merged[-1] = ChatMessage(role=message.role, content=f"{merged[-1].content}\n{message.content}")
        else:
            merged.append(message)
    return merged
