"""The cursors of the Wildberries listings: a place in a list that only grows."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from sandbox.market import Call
from sandbox.queries import BadQuery, integer, required

Row = TypeVar("Row")

_FIRST_CURSOR = 13_000_000
# Added to a cursor it passes 2^53: a client that keeps it as a float loses its place.
_BIG = 1_791_043_298_000_000_000
_LARGEST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a listing and the cursor of the next ones, 0 after the last."""

    rows: Sequence[Row]
    next: int


def page(
    call: Call,
    rows: Sequence[Row],
    start: int = 0,
    end: int | None = None,
    *,
    is_gone: Callable[[Row], bool] | None = None,
) -> Page[Row]:
    """Return the page that a call's `limit` and `next` name.

    Args:
        call: the request.
        rows: the whole listing, in an order that never changes.
        start: the place of the first row that the call's filters let through.
        end: the place after the last; else the end of the listing.
        is_gone: whether a row keeps its place but is listed no more; a page has its number of others.

    Raises:
        BadQuery: `limit` or `next` is missing, not an integer or out of bounds.
    """
    limit = required(call.query, "limit", 1, _LARGEST_PAGE)
    cursor = integer(call.query, "next")
    if cursor is None:
        raise BadQuery("next")
    if short := call.faults.get("short-pages"):
        limit = min(limit, short.rows or max(1, limit // 3))
    last = len(rows) if end is None else end
    first = max(start, max(0, cursor) % _BIG - _FIRST_CURSOR)
    there = (place for place in range(first, last) if is_gone is None or not is_gone(rows[place]))
    places = list(islice(there, limit))
    found = [rows[place] for place in places]
    return Page(found, _next(call.faults, cursor, places[-1] + 1 if places else last, last, found=bool(found)))


def _next(faults: Container[str], cursor: int, place: int, last: int, *, found: bool) -> int:
    if "repeat-cursor" in faults and cursor:
        return cursor
    if place >= last and not ("late-end" in faults and found):
        return 0
    return place + _FIRST_CURSOR + (_BIG if "big-cursor" in faults else 0)
