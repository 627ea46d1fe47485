"""The tools that agents may be given. A new tool is one file in `tools/` and one row here."""

from typing import Any

from sellermind.agents.tool import Tool
from sellermind.agents.tools import (
    account_health,
    find_orders,
    product_context,
    propose_description,
    sales_summary,
    save_description,
    supply_contents,
)

TOOLS: dict[str, Tool[Any]] = {
    tool.name: tool
    for tool in (
        find_orders.TOOL,
        sales_summary.TOOL,
        account_health.TOOL,
        product_context.TOOL,
        supply_contents.TOOL,
        propose_description.TOOL,
        save_description.TOOL,
    )
}

# SellerMind's names for what has another name here.
ALIASES = {"get_product_context": "product_context"}


def tool_named(name: str) -> Tool[Any] | None:
    """The tool of that name, or None."""
    return TOOLS.get(ALIASES.get(name, name))
