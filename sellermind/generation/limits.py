"""What each marketplace takes of a card's texts: data, one row each.

Sources: Wildberries' content API (title 60; a description has 1,000 to 5,000 characters by category, 2,000 is the
standard); Uzum's seller manual 5.3-5.9 (title of at least three words, in Cyrillic Russian or Latin Uzbek; a short text
of one or two sentences; at least three properties) and SellerMind's prompt (title 200).
"""

from dataclasses import dataclass

from sellermind.models.products import Shelf


@dataclass(frozen=True)
class Limits:
    """Characters that the texts may have, and what else a title must be."""

    name: str
    """The marketplace, as the model is told."""
    title: int
    short: int
    full: int
    full_at_least: int = 70
    title_words: int = 2
    properties: int = 0
    """Attributes that a card must name at least."""


LIMITS = {
    Shelf.WILDBERRIES: Limits("Wildberries", title=60, short=300, full=2000),
    Shelf.UZUM: Limits("Uzum Market", title=200, short=390, full=2000, title_words=3, properties=3),
    # For any marketplace: the stricter of both.
    Shelf.UNIVERSAL: Limits("any marketplace", title=60, short=300, full=2000, title_words=3, properties=3),
}
