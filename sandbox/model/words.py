"""The stand-in model's language: texts in Russian, Uzbek or English, numbers and dates out of the question."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Literal, TypeVar

from sandbox.model.chat import Chat

One = TypeVar("One")
Language = Literal["ru", "uz", "en"]

_ASKED_FOR = re.compile(
    r"(?P<uz>in uzbek|на узбекском|o['ʻ‘’`]zbek tilida)|(?P<ru>in russian|на русском|rus tilida)",
    re.IGNORECASE,
)
_UZBEK = re.compile(
    r"\b(?:buyurtma|mahsulot|tovar|savdo|nechta|qancha|uchun|qanday|yoz|haqida|kerak)\w*", re.IGNORECASE
)
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_NAMED = re.compile(r'"(?:name|title)"\s*:\s*"((?:[^"\\]|\\.)+)"')

# What a question names is what it means: `артикул pled-12/XL`, `product 7`.
_NAMING = {
    "article": re.compile(r"(?:article|артикул\w*)\s+([\w./-]*\w)", re.IGNORECASE),
    "product_id": re.compile(r"(?:product|товар\w*)\s+(\d+)", re.IGNORECASE),
}

_SENTENCES: dict[Language, tuple[str, ...]] = {
    "ru": (
        "Практичное решение на каждый день",
        "Приятный на ощупь материал и аккуратная отделка",
        "Легко ухаживать и удобно хранить",
        "Подойдёт для дома и в подарок близким",
        "Продуманная форма экономит место",
        "Сдержанный цвет сочетается с любым интерьером",
        "Бережно упаковано для доставки",
        "Надёжное качество, проверенное покупателями",
    ),
    "uz": (
        "Har kuni foydalanish uchun qulay tanlov",
        "Yoqimli material va puxta ishlov berilgan",
        "Parvarish qilish oson, saqlash qulay",
        "Uy uchun ham, yaqinlaringizga sovg'a uchun ham mos",
        "O'ylangan shakli joyni tejaydi",
        "Sokin rangi har qanday xonaga yarashadi",
        "Yetkazib berish uchun ehtiyotkorlik bilan qadoqlangan",
        "Xaridorlar sinagan ishonchli sifat",
    ),
    "en": (
        "A practical choice for every day",
        "Pleasant material and a careful finish",
        "Easy to care for and to store",
        "Good for the home and as a present",
        "Its shape saves space",
        "A calm colour that goes with any room",
    ),
}
_KEYWORDS: dict[Language, tuple[str, ...]] = {
    "ru": ("для дома", "подарок", "качество", "удобный", "практичный", "хранение", "уют", "надёжный"),
    "uz": ("uy uchun", "sovg'a", "sifatli", "qulay", "amaliy", "saqlash", "shinam", "ishonchli"),
    "en": ("home", "present", "quality", "handy", "practical", "storage"),
}
_SHORT = 60


class Words:
    """Texts, numbers and dates for one reply; the same transcript gives the same ones."""

    def __init__(self, chat: Chat) -> None:
        self.language: Language = language_of(chat)
        self._used = 0
        self._dice = Random(chat.text)
        self._named = {name: found[1] for name, naming in _NAMING.items() if (found := naming.search(chat.question))}
        self._numbers = [int(found) for found in re.findall(r"(?<![\w.])\d{1,18}(?!\w|\.\d)", chat.question)]
        self._found = "\n".join(turn.text for turn in chat.turns if turn.role == "tool")
        named = _NAMED.search(chat.question) or _NAMED.search(self._found)
        self._subject = named[1] if named else ""
        self._today = datetime.now(UTC).replace(microsecond=0)

    def names(self, name: str) -> bool:
        """Return whether the question itself names a value for a property."""
        return name in self._named

    def pick(self, choices: Sequence[One]) -> One:
        """Return one of the choices: the first, as a careful model would."""
        return choices[0]

    def number(self, name: str) -> int:
        """Return the next number of the question, or what a tool's result calls by this name; else a usual one."""
        if name in self._named:
            return int(self._named[name])
        if any(part in name for part in ("page", "limit", "count", "days")):
            return 7
        if self._numbers:
            return self._numbers.pop(0)
        known = self._known(name)
        return int(known) if known and known.isdigit() else 1

    def date(self, name: str, form: str) -> str:
        """Return today, or a week ago where a period begins."""
        begins = any(part in name for part in ("from", "since", "start", "after"))
        moment = self._today - timedelta(days=7 if begins else 0)
        return moment.date().isoformat() if form == "date" else moment.isoformat()

    def text(self, name: str, shortest: int, longest: int) -> str:
        """Return a text of a length within bounds: a title, a keyword, or some sentences, by the property's name."""
        known = self._named.get(name)
        known = known or (self._known(name) if name.endswith(("id", "ids", "sku", "article")) else None)
        if known:
            return known[:longest]
        if "keyword" in name or name == "name" or (longest <= _SHORT and "title" not in name):
            self._used += 1
            keywords = _KEYWORDS[self.language]
            return self._fit([keywords[self._used % len(keywords)]], shortest, longest)
        sentences = self._shuffled()
        subject = self._subject if self.language != "uz" or not _CYRILLIC.search(self._subject) else ""
        if "title" in name:
            title = f"{subject} – {sentences[0].lower()}" if subject else sentences[0]
            return self._fit([title], shortest, longest)
        wanted = 3 if longest > _SHORT else 1
        return self._fit([f"{sentence}." for sentence in sentences[:wanted]], shortest, longest)

    def _known(self, name: str) -> str | None:
        """Return the value that a tool's result gives to a name."""
        found = re.search(rf'"{re.escape(name)}"\s*:\s*"?([\w-]{{1,64}})', self._found)
        return found[1] if found else None

    def _shuffled(self) -> list[str]:
        sentences = list(_SENTENCES[self.language])
        self._dice.shuffle(sentences)
        return sentences

    def _fit(self, pieces: list[str], shortest: int, longest: int) -> str:
        text = " ".join(pieces)
        while len(text) < shortest:
            text = f"{text} {self._dice.choice(_SENTENCES[self.language])}."
        if len(text) <= longest:
            return text
        cut = text[:longest].rsplit(" ", 1)[0].rstrip(" –,")
        return cut if len(cut) >= shortest else text[:longest]


def language_of(chat: Chat) -> Language:
    """Return the language to answer in: the one a text asks for, else that of the question."""
    for turn in reversed(chat.turns):
        asked = _ASKED_FOR.search(turn.text) if turn.role in ("system", "user") else None
        if asked:
            return "uz" if asked["uz"] else "ru"
    if _UZBEK.search(chat.question):
        return "uz"
    return "ru" if _CYRILLIC.search(chat.question) else "en"
