"""What the stand-in model answers when no script says otherwise: a function of the transcript alone."""

import json
import re
from dataclasses import dataclass

from sandbox.model.actions import as_action, as_tools
from sandbox.model.chat import Chat, Reply, Tool, ToolCall
from sandbox.model.options import ModelOptions
from sandbox.model.schemas import value
from sandbox.model.words import Language, Words

_LONGEST_QUOTE = 160


@dataclass(frozen=True, slots=True)
class Topic:
    """Words of a question that call for a tool, and words of the names of such tools."""

    asked: re.Pattern[str]
    tools: re.Pattern[str]
    reads: bool = True


def _topic(asked: str, tools: str, *, reads: bool = True) -> Topic:
    return Topic(re.compile(asked, re.IGNORECASE), re.compile(tools, re.IGNORECASE), reads)


# In the order in which a seller's assistant would look: facts first, all at once; then one step after the other.
TOPICS = (
    _topic(r"\border|заказ|buyurtma", r"order"),
    _topic(r"\bsale|revenue|продаж|выруч|savdo|sotuv|tushum", r"sales|revenue"),
    _topic(r"\bsync|health|account|синхр|аккаунт|кабинет|sinxron|hisob", r"sync|health|account"),
    _topic(r"suppl|поставк|yetkaz", r"suppl"),
    _topic(r"product|товар|карточк|mahsulot|tovar", r"product_context|get_product|find_product"),
    _topic(r"propos|suggest|предлож|taklif", r"propose", reads=False),
    _topic(r"\bsave|publish|сохран|опубликуй|saqla", r"save|publish", reads=False),
)

_LEAD: dict[Language, str] = {
    "ru": "Я посмотрел данные.",
    "uz": "Ma'lumotlarni ko'rib chiqdim.",
    "en": "I looked at the data.",
}
_PLAIN: dict[Language, str] = {
    "ru": "Готов помочь с заказами, продажами и карточками товаров.",
    "uz": "Buyurtmalar, savdo va mahsulot kartochkalari bo'yicha yordam berishga tayyorman.",
    "en": "I can help with orders, sales and product cards.",
}


def answer(chat: Chat, options: ModelOptions) -> Reply:
    """Return the model's reply to a transcript."""
    in_tools = as_tools(chat) if options.honours_json_schema else None
    if in_tools is not None:
        return as_action(answer(in_tools, options.model_copy(update={"ignores_tools": False})))
    words = Words(chat)
    tools = () if options.ignores_tools or chat.choice == "none" else chat.tools
    forced = next((tool for tool in tools if tool.name == chat.choice), None)
    if forced:
        return _calling(chat, [forced], words)
    wanted = _wanted(chat, tools)
    if not wanted and chat.choice == "required" and tools:
        wanted = [tools[0]]
    if wanted:
        return _calling(chat, wanted, words)
    if chat.schema is not None and options.honours_json_schema:
        return Reply(json.dumps(value(chat.schema, words), ensure_ascii=False))
    return Reply(_summary(chat, words.language))


def _wanted(chat: Chat, tools: tuple[Tool, ...]) -> list[Tool]:
    """Return the tools that the question calls for and that were not called for it yet."""
    called = {call.name for turn in chat.since_question for call in turn.calls}
    asked = [topic for topic in TOPICS if topic.asked.search(chat.question)]
    matching = [(topic, tool) for topic in asked for tool in tools if topic.tools.search(tool.name)]
    due = [(topic, tool) for topic, tool in matching if tool.name not in called]
    reading = [tool for topic, tool in due if topic.reads]
    if reading:
        return list({tool.name: tool for tool in reading}.values())
    return [tool for _, tool in due][:1]


def _calling(chat: Chat, tools: list[Tool], words: Words) -> Reply:
    step = sum(turn.role == "assistant" for turn in chat.turns)
    calls = tuple(
        ToolCall(f"call_{step}_{place}", tool.name, json.dumps(arguments, ensure_ascii=False))
        for place, tool in enumerate(tools)
        for arguments in (value(tool.schema, words, optional=False),)
    )
    return Reply(calls=calls, ending="tool_calls")


def _summary(chat: Chat, language: Language) -> str:
    """Return an answer that quotes what the tools found."""
    names = {call.id: call.name for turn in chat.since_question for call in turn.calls}
    found = [
        f"{names.get(turn.answers or '', 'tool')}: {' '.join(turn.text.split())[:_LONGEST_QUOTE]}"
        for turn in chat.since_question
        if turn.role == "tool"
    ]
    return "\n".join([_LEAD[language], *found]) if found else _PLAIN[language]
