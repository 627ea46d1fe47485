"""From a model's text to texts that may be stored, or to the list of what is wrong with it."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from sellermind.generation.cards import Texts
from sellermind.generation.checks import problems_of_texts
from sellermind.generation.limits import Limits
from sellermind.language.texts import object_in
from sellermind.models.products import Language

_MOST_PROBLEMS = 12


@dataclass(frozen=True)
class Verdict:
    """Texts that are good, or why they are not."""

    texts: Texts | None
    problems: list[str]


def judge(text: str, form: type[Texts], limits: Limits, language: Language, source: str) -> Verdict:
    """Read an answer strictly: whatever is not of the form is a problem, nothing is mended here.

    Args:
        text: the model's answer.
        form: what it must match.
        limits: of the marketplace.
        language: that was asked for.
        source: what the model was told about the product.
    """
    parsed = object_in(text)
    if parsed is None:
        return Verdict(None, ["The answer is not one JSON object."])
    try:
        texts = form.model_validate(parsed)
    except ValidationError as error:
        return Verdict(None, [_told(each) for each in error.errors()[:_MOST_PROBLEMS]])
    return Verdict(texts, problems_of_texts(texts, limits, language, source))


def _told(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"])
    return f"{place}: {error['msg']}."
