"""The forms that a model's answer must have: one for each kind of task and marketplace, every field bounded."""

from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model
from pydantic.config import JsonDict

from sellermind.generation.limits import LIMITS, Limits
from sellermind.models.generation import WholeDescription
from sellermind.models.products import Language, Shelf

LONGEST_BULLET = 120
LONGEST_KEYWORD = 50
LONGEST_ATTRIBUTE = 100
MOST_ATTRIBUTES = 10
MOST_BULLETS = 7
MOST_KEYWORDS = 10
ASKED: JsonDict = {"minItems": 3}
"""Told to models, and no marketplace's rule: a card that has fewer is one too."""


def _text(shortest: int, longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=shortest, max_length=longest)


class Attribute(BaseModel):
    """One property of a product. A list of these, since strict schemas know no object with free keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, _text(1, LONGEST_ATTRIBUTE)]
    value: Annotated[str, _text(1, LONGEST_ATTRIBUTE)]


class Texts(BaseModel):
    """Title and descriptions; the limits come with the marketplace (`texts_form`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    short_description: str
    full_description: str


class Card(Texts):
    """A whole card (`card_form`)."""

    bullets: Annotated[
        list[Annotated[str, _text(3, LONGEST_BULLET)]], Field(max_length=MOST_BULLETS, json_schema_extra=ASKED)
    ]
    attributes: list[Attribute]
    keywords: Annotated[
        list[Annotated[str, _text(2, LONGEST_KEYWORD)]], Field(max_length=MOST_KEYWORDS, json_schema_extra=ASKED)
    ]


@cache
def texts_form(shelf: Shelf) -> type[Texts]:
    """The form of an updated description on a marketplace."""
    return create_model(f"{shelf.name.title()}Texts", __base__=Texts, **_sized(LIMITS[shelf]))


@cache
def card_form(shelf: Shelf) -> type[Card]:
    """The form of a whole card on a marketplace."""
    limits = LIMITS[shelf]
    named = Field(min_length=limits.properties, max_length=MOST_ATTRIBUTES)
    fields = _sized(limits) | {"attributes": (Annotated[list[Attribute], named], ...)}
    return create_model(f"{shelf.name.title()}Card", __base__=Card, **fields)


def _sized(limits: Limits) -> dict[str, Any]:
    """Fields that differ from marketplace to marketplace, as create_model takes them."""
    return {
        "title": (Annotated[str, _text(3, limits.title)], ...),
        "short_description": (Annotated[str, _text(10, limits.short)], ...),
        "full_description": (Annotated[str, _text(limits.full_at_least, limits.full)], ...),
    }


def new_description(card: Card, product_id: int, shelf: Shelf, language: Language) -> WholeDescription:
    """A card as a version of the product's description."""
    return WholeDescription(
        product_id=product_id,
        marketplace=shelf,
        language=language,
        title=card.title,
        short_description=card.short_description,
        full_description=card.full_description,
        bullets=card.bullets,
        attributes={attribute.name: attribute.value for attribute in card.attributes},
        keywords=card.keywords,
    )


def updated_description(texts: Texts, old: WholeDescription) -> WholeDescription:
    """New texts as a version of a description; what they do not speak of stays."""
    return old.model_copy(update=texts.model_dump(include=set(Texts.model_fields)))
