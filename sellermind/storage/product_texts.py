"""What is known of products, and the versions of their texts."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, func, insert, select

from sellermind.errors import RecordGone, Refused
from sellermind.models.generation import Description, ProductFacts
from sellermind.storage.tables.products import product_descriptions, products

_product = products.c
_description = product_descriptions.c
_FACTS = [_product[name] for name in ProductFacts.model_fields]


def facts_of(connection: Connection, company_id: int, product_id: int) -> ProductFacts:
    """What a product's row says of it.

    Args:
        connection: inside a transaction.
        company_id: who asks; another company's product is as good as missing.
        product_id: row of `products`.

    Raises:
        RecordGone: there is no such product (any more).
    """
    query = select(*_FACTS).where(_product.id == product_id, *_of(company_id))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise RecordGone(f"There is no product {product_id} of company {company_id}.")
    return ProductFacts.model_validate(row._asdict())


def description(connection: Connection, company_id: int, description_id: int) -> Description:
    """One version of a product's texts.

    Args:
        connection: inside a transaction.
        company_id: who asks; another company's description is as good as missing.
        description_id: row of `product_descriptions`.

    Raises:
        RecordGone: there is no such description (any more).
        Refused: it is for a marketplace or language that we do not know.
    """
    query = select(product_descriptions).join(products).where(_description.id == description_id, *_of(company_id))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise RecordGone(f"There is no description {description_id} of company {company_id}.")
    try:
        return Description.model_validate({name: getattr(row, name) for name in Description.model_fields})
    except ValidationError:
        where = f"{row.marketplace}/{row.language}"
        raise Refused(f"Description {description_id} is for {where}, which we do not write for.") from None


def products_there(connection: Connection, company_id: int, ids: Iterable[int]) -> set[int]:
    """Which of these products the company has."""
    query = select(_product.id).where(_product.id.in_(list(ids)), *_of(company_id))
    return set(connection.scalars(query))


def products_of_descriptions(connection: Connection, company_id: int, ids: Iterable[int]) -> dict[int, int]:
    """The product of each of these descriptions, as far as the company has them."""
    query = select(_description.id, _description.product_id).join(products)
    query = query.where(_description.id.in_(list(ids)), *_of(company_id))
    return {row.id: row.product_id for row in connection.execute(query)}


def add_version(connection: Connection, texts: Description, made_by: str) -> int:
    """Add texts as the newest version of their product, marketplace and language; the older ones stay.

    Args:
        connection: inside a transaction.
        texts: all of the version.
        made_by: names what wrote it; doing it again changes nothing.

    Returns:
        Row of `product_descriptions`.

    Raises:
        RecordGone: the product is gone.
    """
    # The lock on the product orders its versions: two writers would both find the same highest number.
    held = select(_product.id).where(_product.id == texts.product_id).with_for_update()
    if connection.execute(held).one_or_none() is None:
        raise RecordGone(f"There is no product {texts.product_id}.")
    there = connection.execute(select(_description.id).where(_description.made_by == made_by)).scalar_one_or_none()
    if there is not None:
        return int(there)
    now = datetime.now(UTC)
    row = texts.model_dump(mode="json") | {
        "version": _newest(connection, texts) + 1,
        "made_by": made_by,
        "created_at": now,
        "updated_at": now,
    }
    result = connection.execute(insert(product_descriptions).values(**row))
    return int(result.lastrowid)


def _newest(connection: Connection, texts: Description) -> int:
    highest = select(func.coalesce(func.max(_description.version), 0)).where(
        _description.product_id == texts.product_id,
        _description.marketplace == texts.marketplace.value,
        _description.language == texts.language,
    )
    return int(connection.execute(highest).scalar_one())


def _of(company_id: int) -> tuple[Any, ...]:
    return _product.company_id == company_id, _product.deleted_at.is_(None)
