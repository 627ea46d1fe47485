"""save_description: a new version of a product's text, after a person agreed."""

from sellermind.agents.description_change import NewDescription, change, text_of
from sellermind.agents.tool import Desk, Facts, Tool
from sellermind.models.agents import Risk, Trust
from sellermind.storage import product_texts, products


def save(desk: Desk, wanted: NewDescription) -> Facts:
    """Store the text as the newest version; older ones stay."""
    product = products.find(desk.connection, desk.scope.company_id, product_id=wanted.product_id, locked=True)
    version = product_texts.add(desk.connection, product, text_of(wanted), desk.key)
    return {"stored": True, "product_id": product.id, "version": version.number}


def already_saved(desk: Desk, wanted: NewDescription) -> Facts | None:
    """The version that an earlier attempt of this call stored."""
    version = product_texts.made(desk.connection, desk.key)
    return None if version is None else {"stored": True, "product_id": wanted.product_id, "version": version.number}


TOOL = Tool(
    name="save_description",
    description="Store a new version of a product's description. A person sees the change and must agree first.",
    arguments=NewDescription,
    run=save,
    risk=Risk.WRITE,
    trust=Trust.OWN,
    preview=change,
    reconcile=already_saved,
)
