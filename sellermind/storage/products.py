"""Products, each its company's; their texts are in product_texts.py."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from sellermind.errors import RecordGone
from sellermind.models.products import Product
from sellermind.storage.tables.generation import product_images
from sellermind.storage.tables.products import products

_product = products.c
_image = product_images.c


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
    return Product.model_validate(row._mapping)


def main_picture(connection: Connection, product: Product) -> str | None:
    """Where a product's main picture is, a path or an address: the one marked so, else its first; None without any."""
    own = (_image.product_id == product.id, _image.company_id == product.company_id)
    query = select(_image.file_path).where(*own).order_by(_image.is_main.desc(), _image.sort_order, _image.id)
    return connection.scalars(query.limit(1)).first()


def there(connection: Connection, company_id: int, ids: Iterable[int]) -> set[int]:
    """Which of these products the company has."""
    query = select(_product.id).where(_product.id.in_(list(ids)), _product.company_id == company_id)
    return set(connection.scalars(query.where(_product.deleted_at.is_(None))))
