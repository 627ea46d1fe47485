"""A picture in a question on real HTTP servers of both forms, and where it is never written."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

import pytest

from sandbox.model.drawing import png
from sellermind.language.client import LanguageModels
from sellermind.language.http import build_model_http_client
from sellermind.language.prices import PICTURE_TOKENS, worst_case
from sellermind.model_errors import LlmBadRequest, LlmFormRefused
from sellermind.models.language import ChatMessage, ModelRequest, ModelServer, OutputSchema, Picture, Provider
from tests.fixtures.model import ModelServer as Server

CLAUDE, GPT = "claude-haiku-4-5", "gpt-4o-mini"
MUG = png("a mug")
FORM = OutputSchema(
    name="Said", definition={"type": "object", "properties": {"it": {"type": "string"}}, "required": ["it"]}
)
ASKED = ModelRequest(
    messages=(ChatMessage(role="system", content="Be short."), ChatMessage(role="user", content="What is it?")),
    max_tokens=100,
    picture=Picture(media_type="image/png", content=MUG),
)
SHOWN = {"url": f"data:image/png;base64,{b64encode(MUG).decode()}", "detail": "low"}


@pytest.fixture
def models(model_server: Server) -> Iterator[LanguageModels]:
    servers = {CLAUDE: ModelServer(provider=Provider.ANTHROPIC, url=model_server.url)}
    with build_model_http_client() as http:
        yield LanguageModels(http, url=model_server.url, servers=servers)


@pytest.mark.parametrize("model", [GPT, CLAUDE])
def test_a_picture_arrives_before_the_words_of_its_question(
    models: LanguageModels, model_server: Server, model: str
) -> None:
    model_server.script({"contains": sha256(MUG).hexdigest(), "text": "A mug."})
    answer = models.complete(model, ASKED)
    assert (answer.text, answer.usage.input) == ("A mug.", model_server.stats()["prompt_tokens"])
    (sent,) = model_server.requests()
    image, words = sent["body"]["messages"][-1]["content"]
    source = {"type": "base64", "media_type": "image/png", "data": b64encode(MUG).decode()}
    assert (
        image
        == {
            GPT: {"type": "image_url", "image_url": SHOWN},
            CLAUDE: {"type": "image", "source": source},
        }[model]
    )
    assert words == {"type": "text", "text": "What is it?"}


def test_a_form_in_words_stands_beside_the_picture(models: LanguageModels, model_server: Server) -> None:
    model_server.reset(refuses=["json_schema"])
    request = ASKED.model_copy(update={"form": FORM})
    with pytest.raises(LlmBadRequest):  # what is refused may be the picture: nothing is learned of the form
        models.complete(GPT, request)
    with pytest.raises(LlmFormRefused):
        models.complete(GPT, request.model_copy(update={"picture": None}))
    models.complete(GPT, request)
    *_, sent = model_server.requests()
    image, words = sent["body"]["messages"][-1]["content"]
    assert image["image_url"] == SHOWN
    assert words["text"].startswith("What is it?\n\nAnswer with one JSON object")


def test_a_picture_is_in_nothing_that_is_written_down_but_its_tokens_are_reserved() -> None:
    plain = ASKED.model_copy(update={"picture": None})
    assert ASKED.model_dump() == plain.model_dump()
    assert ASKED.model_dump_json() == plain.model_dump_json()
    assert repr(MUG) not in repr(ASKED)
    assert worst_case(None, ASKED).tokens == worst_case(None, plain).tokens + PICTURE_TOKENS
