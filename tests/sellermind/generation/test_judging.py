"""From a model's text to texts that may be stored: forms, limits, languages, numbers, claims."""

import json
from typing import Any

import pytest

from sellermind.generation.answers import Verdict, judge
from sellermind.generation.cards import card_form, texts_form
from sellermind.generation.checks import unchanged
from sellermind.generation.limits import LIMITS
from sellermind.models.generation import WholeDescription
from sellermind.models.products import Language, Shelf

Json = dict[str, Any]

RUSSIAN: Json = {
    "title": "Кружка керамическая «Утро» 300 мл",
    "short_description": "Тёплая кружка для утреннего чая.",
    "full_description": "Кружка объёмом 300 мл из плотной керамики. Приятно держать в руках, легко мыть.",
    "bullets": ["Плотная керамика", "Объём 300 мл", "Легко мыть"],
    "attributes": [
        {"name": "Материал", "value": "керамика"},
        {"name": "Объём", "value": "300 мл"},
        {"name": "Цвет", "value": "белый"},
    ],
    "keywords": ["кружка", "чашка", "подарок"],
}
UZBEK: Json = {
    **RUSSIAN,
    "title": "Keramik krujka 300 ml",
    "short_description": "Ertalabki choy uchun qulay krujka.",
    "full_description": "Hajmi 300 ml bo'lgan sifatli keramik krujka. Har kuni choy uchun juda qulay, yuvish oson.",
    "bullets": ["Sifatli keramika", "Hajmi 300 ml", "Yuvish oson"],
    "attributes": [
        {"name": "Material", "value": "keramika"},
        {"name": "Hajmi", "value": "300 ml"},
        {"name": "Rangi", "value": "oq"},
    ],
    "keywords": ["krujka", "piyola", "sovg'a"],
}
ENGLISH = "A pleasant ceramic mug for tea and coffee. It is easy to clean and it holds enough for a long morning."
SOURCE = '{"name": "Кружка «Утро» 300 мл", "composition": "керамика"}'


def verdict(card: Json, shelf: Shelf = Shelf.UZUM, language: Language = Language.RUSSIAN) -> Verdict:
    return judge(json.dumps(card, ensure_ascii=False), card_form(shelf), LIMITS[shelf], language, SOURCE)


def problems(card: Json, shelf: Shelf = Shelf.UZUM, language: Language = Language.RUSSIAN) -> str:
    return " ".join(verdict(card, shelf, language).problems)


@pytest.mark.parametrize("shelf", list(Shelf))
def test_a_good_card_passes_in_both_languages_everywhere(shelf: Shelf) -> None:
    assert verdict(RUSSIAN, shelf).problems == []
    assert verdict(UZBEK, shelf, Language.UZBEK).problems == []


def test_a_fenced_object_is_read_and_anything_else_is_not() -> None:
    fenced = f"```json\n{json.dumps(RUSSIAN)}\n```"
    form, limits = card_form(Shelf.UZUM), LIMITS[Shelf.UZUM]
    assert judge(fenced, form, limits, Language.RUSSIAN, SOURCE).problems == []
    for text in ("", "[]", "null", "Here: {}", json.dumps(RUSSIAN)[:-1]):
        assert judge(text, form, limits, Language.RUSSIAN, SOURCE).texts is None


def test_the_marketplaces_limits_hold() -> None:
    long = RUSSIAN | {"title": "Кружка " + "очень " * 9 + "удобная"}
    assert problems(long, Shelf.UZUM) == ""
    assert problems(long, Shelf.WILDBERRIES) == "title: String should have at most 60 characters."
    assert "attributes" in problems(RUSSIAN | {"attributes": []}, Shelf.UZUM)
    assert problems(RUSSIAN | {"attributes": []}, Shelf.WILDBERRIES) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"extra": 1}, "extra: Extra inputs are not permitted."),
        ({"title": 7}, "title: Input should be a valid string."),
        ({"full_description": "Коротко."}, "full_description: String should have at least 70 characters."),
        ({"bullets": ["Раз", "Раз", "Два"]}, "Each bullet must say something else."),
        ({"title": "кружка керамическая белая"}, "The title must begin with a capital letter."),
        ({"title": "Кружка белая"}, "The title needs at least 3 words"),
        ({"title": "КРУЖКА КЕРАМИЧЕСКАЯ БЕЛАЯ"}, "The title must not be written in capitals."),
        ({"short_description": "Выдерживает 1500 градусов и 95,5 кг."}, "not in the product's data: 1500, 95,5."),
        ({"short_description": "Самая лучшая кружка на рынке."}, "Marketplaces forbid the claim 'лучшая'."),
        ({"short_description": "Скидка только сегодня, спешите!"}, "Marketplaces forbid the claim 'Скидк'."),
        ({"short_description": "Пишите на shop@example.com, ответим."}, "Links, addresses and phone numbers"),
        ({"short_description": "Звоните +998 90 123 45 67 в любое время."}, "Links, addresses and phone numbers"),
        ({"short_description": "Тёплая <b>кружка</b> для чая."}, "plain text, without HTML"),
        ({"full_description": ENGLISH, "short_description": ENGLISH}, "The texts must be in Russian."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(change: Json, said: str) -> None:
    assert said in problems(RUSSIAN | change)


def test_the_wrong_language_is_seen_whatever_its_script() -> None:
    assert problems(UZBEK) == "The texts must be in Russian."
    assert problems(RUSSIAN, language=Language.UZBEK) == "The texts must be in Uzbek, in the Latin script."
    english = UZBEK | {"full_description": ENGLISH, "short_description": ENGLISH, "bullets": ["Nice", "Warm", "Clean"]}
    assert problems(english, language=Language.UZBEK) == "The texts must be in Uzbek, in the Latin script."
    cyrillic = RUSSIAN | {
        "full_description": "Ҳар куни чой учун қулай кружка, ювиш осон, совға учун ҳам мос келади, ўзбек."
    }
    assert problems(cyrillic) == "The texts must be in Russian."


def test_numbers_of_the_source_may_be_written_with_a_comma() -> None:
    card = RUSSIAN | {"short_description": "Весит 12,5 г: совсем немного."}
    source = SOURCE + " 12.5"
    assert judge(json.dumps(card), card_form(Shelf.UZUM), LIMITS[Shelf.UZUM], Language.RUSSIAN, source).problems == []


def test_an_update_that_changes_nothing_is_a_problem() -> None:
    old = WholeDescription(
        product_id=1,
        marketplace=Shelf.UZUM,
        language=Language.RUSSIAN,
        title=RUSSIAN["title"],
        full_description=RUSSIAN["full_description"],
    )
    names = ("title", "short_description", "full_description")
    texts = texts_form(Shelf.UZUM).model_validate({name: RUSSIAN[name] for name in names})
    assert unchanged(texts, old)
    assert not unchanged(texts.model_copy(update={"title": "Кружка «Вечер» белая"}), old)


def test_half_a_surrogate_pair_is_a_problem_and_no_crash() -> None:
    text = json.dumps(RUSSIAN).replace("\\u041a", "\\ud83d", 1)
    assert judge(text, card_form(Shelf.UZUM), LIMITS[Shelf.UZUM], Language.RUSSIAN, SOURCE).texts is None
