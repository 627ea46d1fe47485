"""The texts of products: every text is a new version, the older ones stay."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, func, insert, select

from sellermind.errors import RecordGone, Refused
from sellermind.models.generation import WholeDescription
from sellermind.models.payload import Payload
from sellermind.models.products import Language, NewVersion, Product, Shelf, StoredDescription
from sellermind.storage.tables.products import product_descriptions, products

_product = products.c
_text = product_descriptions.c


def get(connection: Connection, company_id: int, description_id: int) -> WholeDescription:
    """One version of a product's texts.

    Args:
        connection: inside a transaction.
        company_id: who asks; another company's description is as good as missing.
        description_id: row of `product_descriptions`.

    Raises:
        RecordGone: there is no such description (any more).
        Refused: it is for a marketplace or language that we do not write for.
    """
    query = select(product_descriptions).join(products).where(_text.id == description_id, *_of(company_id))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise RecordGone(f"There is no description {description_id} of company {company_id}.")
    try:
        return WholeDescription.model_validate({name: getattr(row, name) for name in WholeDescription.model_fields})
    except ValidationError:
        where = f"{row.marketplace}/{row.language}"
        raise Refused(f"Description {description_id} is for {where}, which we do not write for.") from None


def products_of(connection: Connection, company_id: int, ids: Iterable[int]) -> dict[int, int]:
    """The product of each of these descriptions, as far as the company has them."""
    query = select(_text.id, _text.product_id).join(products)
    query = query.where(_text.id.in_(list(ids)), *_of(company_id))
    return {row.id: row.product_id for row in connection.execute(query)}


def latest_descriptions(connection: Connection, product_id: int) -> list[StoredDescription]:
    """The newest text for each marketplace and language."""
    query = select(product_descriptions).where(_text.product_id == product_id).order_by(_text.version, _text.id)
    newest = {(row.marketplace, row.language): row for row in connection.execute(query)}
    ours = {shelf.value for shelf in Shelf}, {language.value for language in Language}
    return [_read(row) for key, row in newest.items() if key[0] in ours[0] and key[1] in ours[1]]


def latest_description(
    connection: Connection, product_id: int, marketplace: Shelf, language: Language
) -> StoredDescription | None:
    """The newest text for one marketplace and language."""
    for text in latest_descriptions(connection, product_id):
        if text.marketplace is marketplace and text.language is language:
            return text
    return None


def add(connection: Connection, product: Product, texts: Payload, made_by: str) -> NewVersion:
    """Add texts as the newest version of their product, marketplace and language; the older ones stay.

    Args:
        connection: inside a transaction.
        product: found with `locked`, so that two new versions do not get one number.
        texts: a Description, or a WholeDescription with all columns.
        made_by: names what wrote it; the same name never writes twice.
    """
    written = made(connection, made_by)
    if written is not None:
        return written
    now, row = datetime.now(UTC), texts.model_dump(mode="json") | {"product_id": product.id, "made_by": made_by}
    mine = [getattr(_text, name) == row[name] for name in ("product_id", "marketplace", "language")]
    last = connection.execute(select(func.max(_text.version)).where(*mine)).scalar_one() or 0
    row |= {"version": last + 1, "created_at": now, "updated_at": now}
    result = connection.execute(insert(product_descriptions).values(**row))
    return NewVersion(id=int(result.lastrowid), number=int(last) + 1)


def made(connection: Connection, made_by: str) -> NewVersion | None:
    """The version that a writer stored, or None if it stored none."""
    row = connection.execute(select(_text.id, _text.version).where(_text.made_by == made_by)).one_or_none()
    return None if row is None else NewVersion(id=row.id, number=row.version)


def _of(company_id: int) -> tuple[Any, ...]:
    return _product.company_id == company_id, _product.deleted_at.is_(None)


def _read(row: Row[Any]) -> StoredDescription:
    lists = {name: tuple(getattr(row, name) or ()) for name in ("bullets", "keywords")}
    return StoredDescription.model_validate({**row._mapping, "full_description": row.full_description or "", **lists})
