"""What is left of an answer that no repair heals: rules are kept by leaving out, nothing is made up."""

import json
from typing import Any

import pytest

from sellermind.generation.answers import Verdict
from sellermind.generation.cards import Card, card_form
from sellermind.generation.limits import LIMITS
from sellermind.generation.trimming import trim
from sellermind.models.products import Language, Shelf

Json = dict[str, Any]
SOURCE = '{"name": "Кружка «Утро» 300 мл", "composition": "керамика"}'
WHOLE = "Кружка объёмом 300 мл из плотной керамики. Приятно держать в руках, легко мыть после чая."
CARD: Json = {
    "title": "Кружка керамическая «Утро» 300 мл",
    "short_description": "Тёплая кружка для утреннего чая.",
    "full_description": WHOLE,
    "bullets": ["Плотная керамика", "Объём 300 мл", "Легко мыть"],
    "attributes": [{"name": f"Свойство {word}", "value": "есть"} for word in ("раз", "два", "три")],
    "keywords": ["кружка", "чашка", "подарок"],
}


def trimmed(change: Json, shelf: Shelf = Shelf.WILDBERRIES) -> Verdict:
    text = json.dumps(CARD | change, ensure_ascii=False)
    return trim(text, card_form(shelf), LIMITS[shelf], Language.RUSSIAN, SOURCE)


def card(change: Json) -> Card:
    verdict = trimmed(change)
    assert verdict.problems == []
    assert isinstance(verdict.texts, Card)
    return verdict.texts


def test_a_title_that_is_too_long_ends_with_the_last_word_that_fits() -> None:
    title = card({"title": "кружка керамическая «Утро» для чая и кофе, большая, белая, в подарочной упаковке"}).title
    assert title == "Кружка керамическая «Утро» для чая и кофе, большая, белая, в"


def test_sentences_that_invent_numbers_or_make_claims_are_left_out() -> None:
    told = f"Выдерживает 1500 градусов. {WHOLE} Лучшая кружка на рынке! Звоните +998 90 123 45 67."
    assert card({"full_description": told}).full_description == WHOLE


def test_what_is_double_too_long_forbidden_or_of_another_kind_is_left_out_of_lists() -> None:
    bullets = ["Плотная керамика", "Плотная керамика", "Хит продаж", "Объём 300 мл", {"a": 1}, "Легко мыть", "Ы" * 121]
    assert card({"bullets": bullets}).bullets == ["Плотная керамика", "Объём 300 мл", "Легко мыть"]
    keywords = [f"{word} кружка" for word in "абвгдежзиклм"]
    assert card({"keywords": keywords}).keywords == keywords[:10]


def test_numbers_may_stand_where_texts_should_and_unknown_fields_do_not_count() -> None:
    attributes = [{"name": "Объём", "value": 300, "unit": "мл"}, {"name": "объём", "value": "300 мл"}, "мусор", {}]
    kept = card({"attributes": attributes, "price": 990}).attributes
    assert [(each.name, each.value) for each in kept] == [("Объём", "300")]


def test_lists_that_no_marketplace_asks_for_may_end_up_empty() -> None:
    kept = card({"bullets": ["Хит продаж", "Скидка"], "keywords": "кружка"})
    assert (kept.bullets, kept.keywords) == ([], [])


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Кружка"},
        {"full_description": "Весит 1500 г."},
        {"attributes": [{"name": "Вес", "value": "1500 г"}]},
        {"full_description": "A pleasant ceramic mug for tea and coffee. It is easy to clean and it holds enough."},
    ],
)
def test_what_is_too_little_or_in_another_language_stays_refused(change: Json) -> None:
    assert trimmed(change, Shelf.UZUM).problems


def test_what_is_no_json_stays_refused() -> None:
    assert trim("Hello!", card_form(Shelf.UZUM), LIMITS[Shelf.UZUM], Language.RUSSIAN, SOURCE).texts is None
