"""Descriptions as generation reads and writes them: one by its id, a new version with all of its columns."""

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, select

from sellermind.errors import RecordGone, Refused
from sellermind.models.generation import WholeDescription
from sellermind.models.products import Product
from sellermind.storage.products import insert_version
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


def products_there(connection: Connection, company_id: int, ids: Iterable[int]) -> set[int]:
    """Which of these products the company has."""
    query = select(_product.id).where(_product.id.in_(list(ids)), *_of(company_id))
    return set(connection.scalars(query))


def products_of(connection: Connection, company_id: int, ids: Iterable[int]) -> dict[int, int]:
    """The product of each of these descriptions, as far as the company has them."""
    query = select(_text.id, _text.product_id).join(products)
    query = query.where(_text.id.in_(list(ids)), *_of(company_id))
    return {row.id: row.product_id for row in connection.execute(query)}


def add(connection: Connection, product: Product, texts: WholeDescription, made_by: str) -> int:
    """Add texts as the newest version of their product, marketplace and language; the older ones stay.

    Args:
        connection: inside a transaction.
        product: found with `locked`, so that two new versions do not get one number.
        texts: all of the version.
        made_by: names what wrote it; the same name never writes twice.

    Returns:
        Row of `product_descriptions`.
    """
    there = connection.execute(select(_text.id).where(_text.made_by == made_by)).scalar_one_or_none()
    if there is not None:
        return int(there)
    return insert_version(connection, product.id, texts.model_dump(mode="json"), made_by)[0]


def _of(company_id: int) -> tuple[Any, ...]:
    return _product.company_id == company_id, _product.deleted_at.is_(None)
