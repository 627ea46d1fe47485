"""When a listing ends. A client asks for one page; whoever loops keeps the cursor and counts the pages."""

from typing import Any

from sellermind.errors import Unreadable


def next_cursor(title: str, asked: int, given: Any, rows: int) -> int | None:
    """Tell where Wildberries' next page starts, or None after the last one (docs/behaviours.md, row 22).

    Args:
        title: what was asked, for the message.
        asked: the cursor that was asked for.
        given: `next` of the answer.
        rows: how many rows the page had, readable or not. A short page says nothing: only an empty one ends a listing.

    Raises:
        Unreadable: `next` is neither absent nor a whole number.
    """
    if given is not None and (not isinstance(given, int) or isinstance(given, bool)):
        raise Unreadable(f"{title}: next is not a number")
    return None if not given or given == asked or rows == 0 else given


def next_number(asked: int, rows: int, size: int) -> int | None:
    """Tell the number of Uzum's next page, or None after a page that was not full (docs/behaviours.md, row 36)."""
    return asked + 1 if rows >= size else None
