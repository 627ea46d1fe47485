"""Integers in query strings, read as strictly as the marketplaces do."""

import re
from collections.abc import Mapping

_INTEGER = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_INT64 = 2**63


class BadQuery(ValueError):
    """A parameter is missing, not an integer, or out of range."""


def integer(query: Mapping[str, str], name: str) -> int | None:
    """Return a parameter as a 64-bit integer, None when it is not given.

    Raises:
        BadQuery: it is something else.
    """
    text = query.get(name)
    if text is None:
        return None
    if not _INTEGER.fullmatch(text) or not -_INT64 <= int(text) < _INT64:
        raise BadQuery(name)
    return int(text)


def required(query: Mapping[str, str], name: str, lowest: int, highest: int) -> int:
    """Return a parameter that must be given, within its bounds.

    Raises:
        BadQuery: it is missing, not an integer, or out of bounds.
    """
    value = integer(query, name)
    if value is None or not lowest <= value <= highest:
        raise BadQuery(name)
    return value
