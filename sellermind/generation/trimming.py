"""The last resort for an answer that its repair did not heal: what breaks a rule is left out, nothing is put in."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from sellermind.generation.answers import Verdict, judge
from sellermind.generation.cards import (
    LONGEST_ATTRIBUTE,
    LONGEST_BULLET,
    LONGEST_KEYWORD,
    MOST_ATTRIBUTES,
    MOST_BULLETS,
    MOST_KEYWORDS,
    Card,
    Texts,
)
from sellermind.generation.checks import content_problems
from sellermind.generation.limits import Limits
from sellermind.language.texts import object_in
from sellermind.models.products import Language

_SENTENCE_ENDS = re.compile(r"(?<=[.!?…])\s+")


def trim(text: str, form: type[Texts], limits: Limits, language: Language, source: str) -> Verdict:
    """Judge an answer without its unknown fields, its forbidden or invented sentences and entries, and its excess.

    Args:
        text: the model's answer.
        form: what it must match.
        limits: of the marketplace.
        language: that was asked for; another one cannot be left out.
        source: what the model was told about the product.

    Returns:
        What is left, and what is still wrong; nothing of either for an answer that is no JSON object.
    """
    said = object_in(text)
    if said is None:
        return Verdict(None, [])

    def allowed(part: str) -> bool:
        return bool(part) and not any(content_problems(part, source))

    kept: dict[str, Any] = {
        "title": _title(_plain(said.get("title")), limits.title),
        "short_description": _sentences(_plain(said.get("short_description")), limits.short, allowed),
        "full_description": _sentences(_plain(said.get("full_description")), limits.full, allowed),
    }
    if issubclass(form, Card):
        kept |= {
            "bullets": _entries(said.get("bullets"), LONGEST_BULLET, allowed)[:MOST_BULLETS],
            "keywords": _entries(said.get("keywords"), LONGEST_KEYWORD, allowed)[:MOST_KEYWORDS],
            "attributes": list(_attributes(said.get("attributes"), allowed))[:MOST_ATTRIBUTES],
        }
    return judge(json.dumps(kept), form, limits, language, source)


def _plain(value: object) -> str:
    """A text, or a number that stands where a text should; nothing else."""
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _title(title: str, longest: int) -> str:
    """The words that fit, beginning with a capital letter."""
    fitting = title if len(title) <= longest else title[: longest + 1].rpartition(" ")[0].rstrip(" ,;:-–—(")
    return fitting[:1].upper() + fitting[1:]


def _sentences(text: str, longest: int, allowed: Callable[[str], bool]) -> str:
    kept = ""
    for sentence in filter(allowed, _SENTENCE_ENDS.split(text)):
        longer = f"{kept} {sentence}".strip()
        if len(longer) > longest:
            break
        kept = longer
    return kept


def _entries(values: object, longest: int, allowed: Callable[[str], bool]) -> list[str]:
    texts = map(_plain, values if isinstance(values, list) else [])
    return list(dict.fromkeys(text for text in texts if len(text) <= longest and allowed(text)))


def _attributes(values: object, allowed: Callable[[str], bool]) -> Iterator[dict[str, str]]:
    names: set[str] = set()
    for value in values if isinstance(values, list) else []:
        pair = {key: _plain(value.get(key)) for key in ("name", "value")} if isinstance(value, dict) else {}
        fits = pair and all(0 < len(text) <= LONGEST_ATTRIBUTE for text in pair.values())
        if fits and allowed(" ".join(pair.values())) and pair["name"].lower() not in names:
            names.add(pair["name"].lower())
            yield pair
