"""Lists of rows, read one by one: a row that cannot be read is set aside with its reason, and the page goes on."""

from collections.abc import Callable, Hashable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sellermind.errors import Unreadable
from sellermind.marketplaces.bodies import excerpt
from sellermind.marketplaces.http import Answer
from sellermind.models.orders import SetAside

BIGINT = 2**63 - 1
LONGEST_ID = 64

Fact = TypeVar("Fact")


Whole = Annotated[int, Field(strict=True, ge=-BIGINT, le=BIGINT)]
"""An integer that fits a BIGINT column. Strict: Python counts true as 1, and text is a change we want to hear of."""
Key = Annotated[int, Field(strict=True, ge=1, le=BIGINT)]
"""An id."""
Text = Annotated[str, Field(max_length=255)]
"""Text that fits a VARCHAR(255) column."""


class Row(BaseModel):
    """The fields of a row that we use; all else of it stays in the raw row.

    Values are plain text and numbers, never enums: marketplaces send values that their own documents lack.
    """

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


def rows_of(answer: Answer, key: str) -> list[Any]:
    """Give the list under `key` of an answer: empty for no body, for null, and for an object that leaves it out.

    Raises:
        Unreadable: another shape, such as an error object that came with 200.
    """
    body = answer.body or {}
    if isinstance(body, dict) and (key in body or body.keys() <= {"next"}):
        rows = body.get(key)
        if rows is None or isinstance(rows, list):
            return rows or []
    raise Unreadable(f"{answer.title}: no list {key!r} in the answer")


def read_rows(
    rows: list[Any], read: Callable[[Any], tuple[Hashable, Fact]]
) -> tuple[tuple[Fact, ...], tuple[SetAside, ...]]:
    """Read rows one by one; of several with one key the last one counts.

    Args:
        rows: as they came.
        read: gives a row's key and what it says, or raises ValidationError.

    Returns:
        What the readable rows say, and the rows set aside: id and reason, nothing else of their content.
    """
    facts: dict[Hashable, Fact] = {}
    set_aside: list[SetAside] = []
    for row in rows:
        try:
            key, fact = read(row)
        except ValidationError as error:
            set_aside.append(SetAside(external_id=_id_of(row), reason=_reason(error)))
        else:
            facts[key] = fact
    return tuple(facts.values()), tuple(set_aside)


def _id_of(row: object) -> str | None:
    """Give the id of an unreadable row, if it has something like one."""
    found = row.get("id") if isinstance(row, dict) else None
    return excerpt(str(found), LONGEST_ID) if isinstance(found, int | str) else None


def _reason(error: ValidationError) -> str:
    """Say which fields are wrong and how; never their values, which may be a buyer's."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, d['loc'])) or 'row'}: {d['msg']}" for d in details)[:200]
