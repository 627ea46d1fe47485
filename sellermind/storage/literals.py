r"""Rows in MySQL's spelling. PyMySQL asks of each value what it is three times over, which takes twice as long.

Right only where \ escapes: the engine sets each session's sql_mode, without NO_BACKSLASH_ESCAPES.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from pymysql.converters import encoders, escape_item, escape_string

from sellermind.storage.documents import Document


class Literal:
    """SQL text that goes into a statement as it is."""

    def __init__(self, text: str) -> None:
        """Take what is escaped already."""
        self.text = text


def spell(values: Iterable[Any]) -> Literal:
    """The values of one row, separated by commas."""
    return spell_rows([values])[0]


def spell_rows(rows: Iterable[Iterable[Any]]) -> list[Literal]:
    """The values of each row, separated by commas."""
    spelling = (_SPELLINGS | {str: _Texts().__getitem__}).get
    return [Literal(",".join([spelling(type(value), _as_pymysql_does)(value) for value in row])) for row in rows]


def as_it_is(literal: Literal, _mapping: Any = None) -> str:
    """What PyMySQL's `conv` takes to spell a Literal."""
    return literal.text


class _Texts(dict[str, str]):
    """Texts in MySQL's spelling: half of a page's are the same in all its rows, or in many."""

    def __missing__(self, value: str) -> str:
        spelled = self[value] = f"'{escape_string(value)}'"
        return spelled


def _document(value: Document) -> str:
    r"""JSON holds only ' and \ of what must be escaped; to look each character up takes longer than the whole row."""
    escaped = value.text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _null(_value: None) -> str:
    return "NULL"


def _as_pymysql_does(value: Any) -> str:
    return str(escape_item(value, "utf8mb4", encoders))


_SPELLINGS: dict[type, Callable[[Any], str]] = {
    int: str,
    type(None): _null,
    Decimal: "{:f}".format,
    Document: _document,
}
