"""What an answer in action mode says, however loosely a small model keeps to the protocol."""

import pytest

from sellermind.language.actions import read_action


@pytest.mark.parametrize(
    "text",
    [
        '{"action": {"tool": "find_orders", "arguments": {"status": "new"}}}',
        '{"tool": "find_orders", "arguments": {"status": "new"}}',
        'Sure!\n```json\n{"action": {"tool": "find_orders", "arguments": {"status": "new"}, "why": 7}}\n```',
    ],
)
def test_a_tool_call_is_read_wrapped_or_not(text: str) -> None:
    said, (call,), valid = read_action(text)
    assert (said, call.tool, call.arguments, valid) == ("", "find_orders", {"status": "new"}, True)


@pytest.mark.parametrize("text", ['{"action": {"answer": "Пять."}}', '{"answer": "Пять."}'])
def test_an_answer_is_read_wrapped_or_not(text: str) -> None:
    assert read_action(text) == ("Пять.", (), True)


@pytest.mark.parametrize("text", ["Пять.", '{"action": "find_orders"}', '{"orders": 5}', '{"action": {"tool": 7}}', ""])
def test_anything_else_is_no_action(text: str) -> None:
    assert read_action(text) == (text, (), False)
