"""Products and their texts."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from sellermind.models.payload import Payload


class Language(StrEnum):
    """Languages of our sellers' buyers."""

    RUSSIAN = "ru"
    UZBEK = "uz"


class Shelf(StrEnum):
    """Values of `product_descriptions.marketplace`."""

    UNIVERSAL = "universal"
    WILDBERRIES = "wb"
    UZUM = "uzum"


class Product(Payload):
    """One row of `products`."""

    id: int
    company_id: int
    name: str
    article: str
    brand_name: str | None = None
    description_short: str | None = None
    description_full: str | None = None
    country_of_origin: str | None = None
    composition: str | None = None
    care_instructions: str | None = None
    package_weight_g: int | None = None


class Description(Payload):
    """The texts of a product for one marketplace and language."""

    marketplace: Shelf = Field(Shelf.UNIVERSAL, description="where it is shown")
    language: Language = Field(description="ru or uz")
    title: str = Field(min_length=3, max_length=200, description="title of the card")
    short_description: str | None = Field(None, max_length=500, description="one or two sentences")
    full_description: str = Field(min_length=20, max_length=5000, description="the whole text, without HTML")
    bullets: tuple[Annotated[str, Field(max_length=300)], ...] = Field(
        (), max_length=10, description="short selling points"
    )
    keywords: tuple[Annotated[str, Field(max_length=100)], ...] = Field((), max_length=30, description="search words")


class StoredDescription(Description):
    """One row of `product_descriptions`; older rows keep to no limits."""

    title: str
    short_description: str | None = None
    full_description: str = ""
    bullets: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    version: int


class NewVersion(Payload):
    """A text that was just stored, or had been before."""

    id: int
    """Row of `product_descriptions`."""
    number: int
    """Of the version, counted by product, marketplace and language."""
