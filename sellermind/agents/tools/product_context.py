"""product_context: what we know of a product."""

from datetime import UTC, datetime, timedelta

from pydantic import Field
from sqlalchemy import func, select

from sellermind.agents.order_rows import order_rows
from sellermind.agents.tool import Desk, Facts, Tool
from sellermind.errors import RecordGone
from sellermind.models.payload import Payload
from sellermind.storage import product_texts, products

ORDERS_OF = timedelta(days=30)


class LookAtProduct(Payload):
    """Which product: its id, or the seller's article."""

    product_id: int | None = Field(None, ge=1, le=10**12, description="SellerMind's id")
    article: str | None = Field(None, max_length=100, description="the seller's article")


def look(desk: Desk, wanted: LookAtProduct) -> Facts:
    """The product's facts, its newest texts, and its orders of the last 30 days."""
    if wanted.product_id is None and wanted.article is None:
        raise RecordGone("Name a product_id or an article.")
    product = products.find(
        desk.connection, desk.scope.company_id, product_id=wanted.product_id, article=wanted.article
    )
    orders = order_rows(desk)
    recent = select(func.count()).select_from(orders).where(orders.c.article == product.article)
    count = desk.connection.execute(recent.where(orders.c.ordered_at >= datetime.now(UTC) - ORDERS_OF)).scalar_one()
    texts = product_texts.latest_descriptions(desk.connection, product.id)
    return {
        "product": product.model_dump(mode="json", exclude_none=True),
        "descriptions": [text.model_dump(mode="json", exclude_none=True) for text in texts],
        "orders_in_30_days": count,
    }


TOOL = Tool(
    name="product_context",
    description="Read a product: name, brand, composition, its present descriptions, its orders of the last 30 days.",
    arguments=LookAtProduct,
    run=look,
)
