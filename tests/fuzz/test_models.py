"""Whatever a model server answers: an answer that can be stored, or one of our named errors."""

import contextlib
import json
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError

from sellermind.agents.proposals import canonical
from sellermind.generation.answers import judge
from sellermind.generation.cards import card_form
from sellermind.generation.limits import LIMITS
from sellermind.language.client import LanguageModels
from sellermind.language.http import build_model_http_client
from sellermind.language.images import ImageModels
from sellermind.language.texts import without_reasoning
from sellermind.models.language import ChatMessage, Mode, ModelAnswer, ModelRequest, ModelServer, Provider, ToolSpec
from sellermind.models.products import Language, Shelf
from sellermind.storage.documents import serialize
from tests.fixtures.strange import anything, bodies, headers, spoiled
from tests.sellermind.marketplaces.raw_server import RawServer, http

KEY = "sk-a-key-that-must-not-show"
TOOL = ToolSpec(name="find", description="Find.", parameters={"type": "object", "properties": {}})
QUESTION = ModelRequest(messages=(ChatMessage(role="user", content="?"),), max_tokens=9, tools=(TOOL,))
CALL = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": '{"page": 1}'}}
OPENAI = {
    "id": "1",
    "model": "gpt",
    "choices": [{"message": {"role": "assistant", "content": "Yes.", "tool_calls": [CALL]}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 0}},
}
ANTHROPIC = {
    "model": "claude",
    "content": [
        {"type": "text", "text": "Yes."},
        {"type": "tool_use", "id": "1", "name": "find", "input": {"page": 1}},
    ],
    "stop_reason": "tool_use",
    "usage": {"input_tokens": 1, "output_tokens": 1, "cache_read_input_tokens": 0},
}
ACTION = {"action": {"tool": "find", "arguments": {"page": 1}}}
ERROR = {"error": {"message": f"bad {KEY}", "type": "invalid_request_error", "code": "context_length_exceeded"}}
IMAGE = {"data": [{"url": "https://pictures.example/1.png", "b64_json": "aGk="}]}
CARD = {
    "title": "Кружка керамическая 300 мл",
    "short_description": "Кружка.",
    "full_description": "Кружка. " * 12,
    "bullets": ["Плотная", "Белая", "300 мл"],
    "keywords": ["кружка", "чашка", "подарок"],
    "attributes": [{"name": "Цвет", "value": "белый"}] * 3,
}
WAITS = ("Retry-After", "retry-after-ms", "Content-Type", "x-should-retry")
arguments = anything.map(json.dumps) | st.text() | st.just("[" * 5000)
openai_answers = arguments.map(
    lambda text: json.dumps(
        {"choices": [{"message": {"tool_calls": [{"function": {"name": "find", "arguments": text}}]}}]}
    ).encode()
)
actions = (anything.map(json.dumps) | st.sampled_from((json.dumps(ACTION), '{"a":' * 5000))).map(
    lambda text: json.dumps({"choices": [{"message": {"content": f"So: {text} done"}}]}).encode()
)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with build_model_http_client() as built:
        yield built


def models(client: httpx.Client, server: RawServer) -> LanguageModels:
    """One server in each of its forms."""
    servers = {
        "tools": ModelServer(mode=Mode.TOOLS, model="m"),
        "action": ModelServer(mode=Mode.ACTION, model="m"),
        "claude": ModelServer(provider=Provider.ANTHROPIC, url=server.url, model="m"),
    }
    return LanguageModels(client, url=server.url, key=SecretStr(KEY), servers=servers)


def ask(client: httpx.Client, server: RawServer, name: str) -> None:
    """Ask, and be content with an answer that fits the rows it goes to, or with a named error without the key."""
    said = ""
    try:
        answer = models(client, server).complete(name, QUESTION)
    except ApplicationError as error:
        said = error.message
    else:
        storable(answer)
    assert KEY not in said
    assert said.isprintable()


def storable(answer: ModelAnswer) -> None:
    """Fail as the database, or Temporal, would."""
    answer.model_dump_json()
    answer.text.encode()
    for call in answer.calls:
        serialize(call.arguments)
        canonical(call.arguments or {}).encode()
    assert all(0 <= tokens < 2**31 for tokens in (answer.usage.input, answer.usage.output, answer.usage.cached))


@pytest.mark.parametrize("name", ["tools", "action"])
@given(body=bodies(OPENAI) | openai_answers | actions)
def test_whatever_an_openai_server_answers_is_storable_or_named(
    name: str, server: RawServer, client: httpx.Client, body: bytes
) -> None:
    server.answers(http(200, body))
    ask(client, server, name)


@given(body=bodies(ANTHROPIC))
def test_whatever_an_anthropic_server_answers_is_storable_or_named(
    server: RawServer, client: httpx.Client, body: bytes
) -> None:
    server.answers(http(200, body))
    ask(client, server, "claude")


@given(status=st.integers(201, 599), body=bodies(ERROR), waits=headers(*WAITS))
def test_whatever_a_refusal_says_has_a_name(
    server: RawServer, client: httpx.Client, status: int, body: bytes, waits: dict[str, str]
) -> None:
    server.answers(http(status, body, waits))
    for name in ("tools", "claude"):
        ask(client, server, name)


@given(body=bodies(IMAGE))
def test_whatever_an_image_server_answers_is_a_picture_or_named(
    server: RawServer, client: httpx.Client, body: bytes
) -> None:
    server.answers(http(200, body))
    with contextlib.suppress(ApplicationError):
        made = ImageModels(client, client, server.url, None).make("gpt-image-1", "A mug", "low", "key")
        assert made.content or made.url


@given(text=spoiled(CARD).map(json.dumps) | arguments | st.text().map(lambda text: f"<think>{text}</think>{{{text}}}"))
def test_no_text_of_a_model_makes_the_judge_of_cards_crash(text: str) -> None:
    verdict = judge(without_reasoning(text), card_form(Shelf.UZUM), LIMITS[Shelf.UZUM], Language.RUSSIAN, "Кружка")
    assert verdict.texts or verdict.problems
    assert "\n".join(verdict.problems).encode()
