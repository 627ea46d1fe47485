"""Faults that spoil the rows of a right answer."""

import json
from collections.abc import Callable
from typing import Any, get_args

from sandbox.answers import JSON, Answer, compact
from sandbox.faults import Damage, Fault

_LISTS = ("orders", "supplies", "orderIds", "trbxes")
_KINDS: tuple[Damage, ...] = get_args(Damage)
_TEXTS = ("article", "comment", "name", "place")
_NUMBERS = ("price", "nmId", "warehouseId", "officeId", "shopId")
_DATES = ("createdAt", "dateCreated")

Row = dict[str, Any]
Page = dict[str, Any]


def spoil(answer: Answer, faults: list[Fault]) -> None:
    """Spoil a right answer in place by every fault that spoils rows; an answer without rows stays as it is.

    Args:
        answer: the right answer.
        faults: the faults that strike the request.
    """
    spoilers = [fault for fault in faults if fault.kind in _SPOILERS]
    if not spoilers or not answer.body or answer.content_type != JSON:
        return
    document = json.loads(answer.body)
    page = document.get("payload", document) if isinstance(document, dict) else None
    name = next((name for name in _LISTS if isinstance(page, dict) and name in page), None)
    if not isinstance(page, dict) or name is None:
        return
    for fault in spoilers:
        _SPOILERS[fault.kind](page, name, fault)
    answer.body = compact(document)


def _bad_rows(page: Page, name: str, fault: Fault) -> None:
    kinds = _KINDS if fault.damage is None else (fault.damage,)
    page[name] = [_damaged(row, kinds[place % len(kinds)]) for place, row in enumerate(_rows(page, name))]


def _null_list(page: Page, name: str, _fault: Fault) -> None:
    page[name] = None


def _empty_list(page: Page, name: str, _fault: Fault) -> None:
    page[name] = []


def _unknown_status(page: Page, name: str, _fault: Fault) -> None:
    unknown = {"supplierStatus": "teleported", "wbStatus": "lost_in_space", "status": "TELEPORTED"}
    page[name] = [_with(row, unknown) if isinstance(row, dict) else row for row in _rows(page, name)]


def _duplicate_rows(page: Page, name: str, _fault: Fault) -> None:
    page[name] = [*_rows(page, name), *_rows(page, name)]


def _missing_rows(page: Page, name: str, _fault: Fault) -> None:
    page[name] = [row for place, row in enumerate(_rows(page, name)) if place % 3]


_SPOILERS: dict[str, Callable[[Page, str, Fault], None]] = {
    "null-list": _null_list,
    "empty-list": _empty_list,
    "bad-rows": _bad_rows,
    "unknown-status": _unknown_status,
    "duplicate-rows": _duplicate_rows,
    "missing-rows": _missing_rows,
}


def _rows(page: Page, name: str) -> list[object]:
    """Return the rows that are there; another fault may have made null of them before."""
    return page[name] or []


def _damaged(row: object, damage: Damage) -> object:
    """Return a row with one damage; a bare id becomes null."""
    return _DAMAGES[damage](row) if isinstance(row, dict) else None


def _with(row: Row, values: Row) -> Row:
    return row | {name: value for name, value in values.items() if name in row}


def _all(names: tuple[str, ...], value: object) -> Row:
    return dict.fromkeys(names, value)


_DAMAGES: dict[Damage, Callable[[Row], Row | None]] = {
    "missing-id": lambda row: {name: value for name, value in row.items() if name != "id"},
    "wrong-types": lambda row: _with(row, _all(("price", *_DATES), {"oops": []}) | {"skus": 7, "orderItems": "нет"}),
    "long-text": lambda row: _with(row, _all(_TEXTS, "я" * 70_000)),
    "emoji": lambda row: _with(row, _all(_TEXTS, "Пальто 🧥 для 👨‍👩‍👧‍👦")),
    "huge-integers": lambda row: _with(row, _all(_NUMBERS, 2**70)),
    "not-an-object": lambda _row: None,
    "bad-date": lambda row: _with(row, _all(_DATES, "вчера")),
}
