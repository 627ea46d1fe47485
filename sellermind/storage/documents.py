"""JSON on its way into a column: encoded once, however many look at it."""

import json
from functools import cached_property
from typing import Any

from pydantic_core import to_json

# No NaN: MySQL refuses it inside JSON. No \u escapes: they triple the size of Cyrillic payloads.
_strict = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def _encode(value: Any) -> str:
    """JSON text of a value; a figure that is no number is looked for where the text has a word for it.

    Raises:
        ValueError: it holds a NaN, or half a surrogate pair.
    """
    text = to_json(value, inf_nan_mode="constants").decode()
    return _strict(value) if "NaN" in text or "Infinity" in text else text


class Document:
    """A value for a JSON column."""

    def __init__(self, value: Any) -> None:
        """Take what the marketplace sent."""
        self._value = value

    @cached_property
    def text(self) -> str:
        """As JSON.

        Raises:
            ValueError: it holds a NaN, or half a surrogate pair.
        """
        return _encode(self._value)


def serialize(value: Any) -> str:
    """JSON text of a value, for SQLite.

    Raises:
        ValueError: it holds a NaN, or half a surrogate pair.
    """
    return value.text if isinstance(value, Document) else _encode(value)


def serialize_for_mysql(value: Any) -> Any:
    """As `serialize`; a Document goes on as it is to sellermind/storage/literals.py.

    Raises:
        ValueError: it holds a NaN, or half a surrogate pair.
    """
    return value if isinstance(value, Document) else _encode(value)
