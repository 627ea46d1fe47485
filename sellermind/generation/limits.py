"""What each marketplace takes of a card's texts: data, one row each.

Read on 2026-11-24. Confirmed, by copies of Uzum's seller manual, 5.3 and 5.9: a title of at least three words that
begins with a capital letter, in Cyrillic Russian or Latin Uzbek; a short text of one or two sentences; at least three
properties. Wildberries' content API: a description's limit is by category, from 1,000 to 5,000, by standard 2,000
(1,000 and 5,000 confirmed by an open-source client of it). Not confirmed, for no source could be read: Wildberries'
60 for a title (its API's documentation), Uzum's 200 (SellerMind's prompt) and 390. Our own, and no marketplace's: 300
for a short text on Wildberries, the least of 70, two words for a title there.
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
