"""Products and the versions of their descriptions."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from sellermind.errors import RecordGone
from sellermind.models.products import Description, Language, Product, Shelf, StoredDescription
from sellermind.storage.tables.products import product_descriptions, products

_product = products.c
_text = product_descriptions.c


def find(
    connection: Connection,
    company_id: int,
    *,
    product_id: int | None = None,
    article: str | None = None,
    locked: bool = False,
) -> Product:
    """Read a product of a company by its id, its article, or both.

    Raises:
        RecordGone: the company has none like it.
    """
    query = select(products).where(_product.company_id == company_id, _product.deleted_at.is_(None))
    if product_id is not None:
        query = query.where(_product.id == product_id)
    if article is not None:
        query = query.where(_product.article == article)
    row = connection.execute(query.with_for_update() if locked else query).first()
    if row is None:
        raise RecordGone("There is no such product.")
    return Product.model_validate(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name


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


def add_description(connection: Connection, product: Product, text: Description, made_by: str) -> int:
    """Store a new version of a product's text and give its number; the product must be locked.

    Args:
        connection: inside a transaction.
        product: found with `locked`, so that two new versions do not get one number.
        text: what to store.
        made_by: names who wrote it; the same name never writes twice.
    """
    return insert_version(connection, product.id, text.model_dump(mode="json"), made_by)[1]


def insert_version(connection: Connection, product_id: int, texts: dict[str, Any], made_by: str) -> tuple[int, int]:
    """Store texts as the newest version of their product, marketplace and language; the product must be locked.

    Args:
        connection: inside a transaction.
        product_id: whose texts they are.
        texts: values of `product_descriptions`.
        made_by: names who wrote them.

    Returns:
        Row of `product_descriptions`, and the version's number.
    """
    mine = (
        _text.product_id == product_id,
        _text.marketplace == texts["marketplace"],
        _text.language == texts["language"],
    )
    last = connection.execute(select(func.max(_text.version)).where(*mine)).scalar_one() or 0
    now = datetime.now(UTC)
    row = {**texts, "product_id": product_id, "version": last + 1, "made_by": made_by}
    made = connection.execute(insert(product_descriptions).values(created_at=now, updated_at=now, **row))
    return int(made.lastrowid), int(last) + 1


def version_made_by(connection: Connection, made_by: str) -> int | None:
    """The version that a writer stored, or None if it stored none."""
    return connection.execute(select(_text.version).where(_text.made_by == made_by)).scalar_one_or_none()


def _read(row: Row[Any]) -> StoredDescription:
    return StoredDescription(
        marketplace=row.marketplace,
        language=row.language,
        title=row.title,
        short_description=row.short_description,
        full_description=row.full_description or "",
        bullets=tuple(row.bullets or ()),
        keywords=tuple(row.keywords or ()),
        version=row.version,
    )
