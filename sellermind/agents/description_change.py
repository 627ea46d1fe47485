"""A new description of a product beside the present one: what the two tools about it share."""

from pydantic import Field

from sellermind.agents.tool import Desk, Facts
from sellermind.models.products import Description
from sellermind.storage import product_texts, products


class NewDescription(Description):
    """A text for a product."""

    product_id: int = Field(ge=1, le=10**12, description="SellerMind's id of the product")


def text_of(wanted: NewDescription) -> Description:
    """The text without its product."""
    return Description.model_validate(wanted.model_dump(exclude={"product_id"}))


def change(desk: Desk, wanted: NewDescription) -> Facts:
    """What would change: for every field that differs, the words before and after.

    Raises:
        RecordGone: the product is none of the company's.
    """
    product = products.find(desk.connection, desk.scope.company_id, product_id=wanted.product_id)
    present = product_texts.latest_description(desk.connection, product.id, wanted.marketplace, wanted.language)
    before = present.model_dump(mode="json") if present else {}
    after = text_of(wanted).model_dump(mode="json")
    return {
        "product": f"{product.article} · {product.name}",
        "marketplace": wanted.marketplace.value,
        "language": wanted.language.value,
        "version": (present.version if present else 0) + 1,
        "changes": [
            {"field": name, "before": before.get(name), "after": value}
            for name, value in after.items()
            if before.get(name) != value
        ],
    }
