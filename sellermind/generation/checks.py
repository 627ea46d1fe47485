"""What a schema cannot see: the language, invented numbers, forbidden claims, contacts. Each problem is one sentence.

The sentences go to the model in the repair call and, if that does not help, to the person who reads the item.
"""

import re
from collections.abc import Iterator

from sellermind.generation.cards import Card, Texts
from sellermind.generation.limits import Limits
from sellermind.models.generation import WholeDescription
from sellermind.models.products import Language

_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN = re.compile("[A-Za-z]")
_UZBEK_CYRILLIC = re.compile("[ўқғҳ]", re.IGNORECASE)  # letters that Russian does not have
# Small words that every Uzbek text of some length has, and that English has none of.
_UZBEK = re.compile(
    r"\b(?:va|bilan|uchun|bu|ham|har|juda|esa|yoki|kabi|qilingan|mos|qulay|sifatli|ishlab|oson|hamda|sizga|kuni?|yaxshi"
    r"|yangi|chiroyli|zamonaviy)\b",
    re.IGNORECASE,
)
_LANGUAGE_SHARE = 0.6
_UZBEK_WORDS = 2
# A brand, a model or a size may be in the other script; one short word is no wrong language.
_FEWEST_LETTERS = 20

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_CONTACT = re.compile(
    r"https?://|www\.|\b[\w.-]+\.(?:ru|uz|com|net|org)\b|[\w.+-]+@[\w-]+\.\w+|\+?\d[\d ()-]{8,}\d|(?<!\w)@\w{4,}",
    re.ASCII,
)
_MARKUP = re.compile(r"<[a-z/][^>]*>|\*\*|```|^#{1,6} ", re.IGNORECASE | re.MULTILINE)
# Superlatives without proof and terms of sale: the laws on advertising of Russia and Uzbekistan, and both marketplaces'
# rules for cards, forbid them.
_CLAIMS = re.compile(
    r"\b(?:лучш(?:ий|ая|ее|ие)|самы[йе] (?:лучш|дешев|дешёв)|номер один|гарантированн)"
    r"|\b(?:хит продаж|распродаж|скидк|бесплатн|акция|лечит|излечива)"
    r"|\b(?:eng yaxshi|eng arzon|birinchi raqamli|kafolatlangan|chegirma|bepul|aksiya|davolaydi)"
    r"|№ ?1\b",
    re.IGNORECASE,
)


def problems_of_texts(texts: Texts, limits: Limits, language: Language, source: str) -> list[str]:
    """What is wrong with texts that have the right form.

    Args:
        texts: a card, or the texts of an update.
        limits: the marketplace's.
        language: the one that was asked for.
        source: all that the model was told about the product; numbers must come from there.
    """
    return [
        *_title_problems(texts.title, limits),
        *_language_problems(_running_text(texts), language),
        *content_problems(_whole_text(texts), source),
        *_repetitions(texts),
    ]


def unchanged(texts: Texts, old: WholeDescription) -> list[str]:
    """Whether an update changed nothing at all."""
    same = (texts.title, texts.full_description) == (old.title, old.full_description)
    return ["The texts are the old ones: change them as the instruction says."] if same else []


def _title_problems(title: str, limits: Limits) -> Iterator[str]:
    if len(title.split()) < limits.title_words:
        yield f"The title needs at least {limits.title_words} words: kind of product, brand, main property."
    if not (title[0].isupper() or title[0].isdigit()):
        yield "The title must begin with a capital letter."
    if title.isupper() and len(title) > _FEWEST_LETTERS:
        yield "The title must not be written in capitals."


def _language_problems(text: str, language: Language) -> Iterator[str]:
    cyrillic, latin = len(_CYRILLIC.findall(text)), len(_LATIN.findall(text))
    letters = cyrillic + latin
    if letters < _FEWEST_LETTERS:
        return
    if language is Language.RUSSIAN and (
        cyrillic < _LANGUAGE_SHARE * letters or len(_UZBEK_CYRILLIC.findall(text)) > 1
    ):
        yield "The texts must be in Russian."
    if language is Language.UZBEK and (latin < _LANGUAGE_SHARE * letters or len(_UZBEK.findall(text)) < _UZBEK_WORDS):
        yield "The texts must be in Uzbek, in the Latin script."


def content_problems(text: str, source: str) -> Iterator[str]:
    """What a text, or a part of one, says that it may not: each a sentence.

    Args:
        text: as it would be shown.
        source: all that the model was told about the product.
    """
    known = {_plain(number) for number in _NUMBER.findall(source)}
    # One digit is a figure of speech as often as a fact ("2 in 1"); a longer number is a claim.
    invented = sorted({number for number in _NUMBER.findall(text) if len(number) > 1 and _plain(number) not in known})
    if invented:
        yield f"These numbers are not in the product's data: {', '.join(invented)}."
    claim = _CLAIMS.search(text)
    if claim:
        yield f"Marketplaces forbid the claim {claim[0]!r}."
    if _CONTACT.search(text):
        yield "Links, addresses and phone numbers are forbidden."
    if _MARKUP.search(text):
        yield "Write plain text, without HTML or Markdown."


def _repetitions(texts: Texts) -> Iterator[str]:
    if not isinstance(texts, Card):
        return
    names = [attribute.name.lower() for attribute in texts.attributes]
    if len(set(names)) < len(names):
        yield "Each attribute may be named once only."
    if len(set(texts.bullets)) < len(texts.bullets):
        yield "Each bullet must say something else."


def _plain(number: str) -> str:
    return number.replace(",", ".")


def _running_text(texts: Texts) -> str:
    """What is written in sentences: the title may be half a brand."""
    bullets = texts.bullets if isinstance(texts, Card) else []
    return " ".join([texts.short_description, texts.full_description, *bullets])


def _whole_text(texts: Texts) -> str:
    rest = []
    if isinstance(texts, Card):
        rest = [*texts.keywords, *(f"{attribute.name} {attribute.value}" for attribute in texts.attributes)]
    return "\n".join([texts.title, _running_text(texts), *rest])
