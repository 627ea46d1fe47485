"""propose_description: a new text for a product, shown and not stored."""

from sellermind.agents.description_change import NewDescription, change
from sellermind.agents.tool import Desk, Facts, Tool
from sellermind.models.agents import Risk


def propose(desk: Desk, wanted: NewDescription) -> Facts:
    """The change that the text would be; nothing is stored."""
    return change(desk, wanted) | {"stored": False}


TOOL = Tool(
    name="propose_description",
    description="Check a new description of a product and show how it differs from the present one. Stores nothing.",
    arguments=NewDescription,
    run=propose,
    risk=Risk.PROPOSE,
)
