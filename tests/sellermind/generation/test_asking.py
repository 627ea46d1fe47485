"""What is asked for an item, and what after which answers."""

import json

import pytest

from sellermind.generation.cards import card_form
from sellermind.generation.prompts import card_request, image_prompt
from sellermind.generation.steps import next_request
from sellermind.model_errors import LlmContentFilter, LlmInvalidOutput, LlmTruncated
from sellermind.models.generation import ModelReply
from sellermind.models.language import Finish, ModelRequest
from sellermind.models.products import Language, Product, Shelf

MUG = Product(id=5, company_id=7, name="Кружка", article="A-1", description_full="x" * 9000)


def request() -> ModelRequest:
    return card_request(MUG, Shelf.WILDBERRIES, Language.UZBEK, card_form(Shelf.WILDBERRIES))


def reply(finish: Finish = "stop", problem: str = "The title is too long.") -> ModelReply:
    return ModelReply(asked="m", model="m-1", text="{}", finish=finish, problems=(problem,))


def test_the_product_goes_in_as_bounded_data_without_ids() -> None:
    told = json.loads(request().messages[1].content)["product"]
    assert set(told) == {"name", "article", "description_full"}
    assert len(told["description_full"]) == 4000


def test_the_rules_name_marketplace_language_and_limits() -> None:
    rules = request().messages[0].content
    assert "Wildberries" in rules
    assert "in Uzbek (Latin script)" in rules
    assert "at most 60 characters" in rules


def test_every_text_and_list_of_the_form_is_bounded() -> None:
    form = request().form
    assert form
    texts = json.dumps(form.definition)
    assert texts.count('"maxLength"') == texts.count('"type": "string"')
    assert texts.count('"maxItems"') == texts.count('"type": "array"')


def test_models_are_asked_for_three_bullets_and_keywords() -> None:
    properties = card_form(Shelf.WILDBERRIES).model_json_schema()["properties"]
    assert [properties[name]["minItems"] for name in ("bullets", "keywords")] == [3, 3]


def test_an_invalid_answer_is_repaired_once_with_its_problems() -> None:
    again = next_request(request(), [reply()])
    assert again.messages[-2].content == "{}"
    assert "The title is too long." in again.messages[-1].content
    assert again.temperature is not None
    assert again.temperature < (request().temperature or 0)
    with pytest.raises(LlmInvalidOutput, match="m-1: The title is too long"):
        next_request(request(), [reply(), reply()])


def test_a_cut_answer_gets_twice_the_room_and_keeps_it_for_the_repair() -> None:
    first = request().max_tokens
    assert next_request(request(), [reply("length")]).max_tokens == 2 * first
    assert next_request(request(), [reply("length"), reply()]).max_tokens == 2 * first
    with pytest.raises(LlmTruncated):
        next_request(request(), [reply("length"), reply("length")])


def test_a_refusal_is_not_argued_with() -> None:
    with pytest.raises(LlmContentFilter):
        next_request(request(), [reply("content_filter")])


def test_a_picture_shows_what_the_seller_says_or_the_product() -> None:
    assert image_prompt(MUG, "На столе", "low") == "На столе"
    assert "Кружка" in image_prompt(MUG, "", "high")
