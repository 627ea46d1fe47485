"""What a model's text holds beside its answer: reasoning, a Markdown fence, words around a JSON object."""

import json
import re
from typing import Any

from pydantic_core import from_json

# Servers of small models leave the reasoning in the text; its beginning is often part of their prompt, not the answer.
_REASONING = re.compile(r"^.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_DECODER = json.JSONDecoder()


def without_reasoning(text: str) -> str:
    """The text after the model's reasoning."""
    return _REASONING.sub("", text, count=1).strip()


def object_in(text: str) -> dict[str, Any] | None:
    """The JSON object that a text holds, out of what stands around it; None if it has none. Nothing is mended."""
    start = text.find("{")
    if start < 0:
        return None
    try:
        _, end = _DECODER.raw_decode(text, start)
        found = from_json(text[start:end], allow_inf_nan=False)  # strictly: no NaN, no half of a surrogate pair
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
