"""The agents that every installation has, after SellerMind's own."""

from sqlalchemy import Connection

from sellermind.models.agents import Agent, AgentSetup, ToolGrant
from sellermind.storage import agents

LOOKING = ("find_orders", "sales_summary", "account_health", "product_context", "supply_contents")
WRITING = ("find_orders", "product_context", "propose_description", "save_description")

_MANNER = (
    "You work for a seller on Wildberries and Uzum. Answer in the language of the question (Russian, Uzbek, English), "
    "briefly and with numbers. Look facts up with your tools; never guess them."
)

BUILT_IN = (
    (
        Agent(
            id=0, slug="general-assistant", name="General assistant", description="Answers from the seller's own data."
        ),
        AgentSetup(
            system_prompt=f"{_MANNER} You help with orders, supplies, accounts and products.",
            tools=tuple(ToolGrant(name=name) for name in LOOKING),
        ),
    ),
    (
        Agent(
            id=0, slug="card-expert", name="Card expert", description="Improves product cards; a person agrees first."
        ),
        AgentSetup(
            system_prompt=(
                f"{_MANNER} You write product cards that sell: a clear title, honest text, no claims beyond the "
                "product's facts. Read the product first, propose a text, then save it if the user wants that."
            ),
            tools=tuple(ToolGrant(name=name) for name in WRITING),
        ),
    ),
    (
        Agent(id=0, slug="analytics", name="Analyst", description="Reads sales, orders and syncs."),
        AgentSetup(
            system_prompt=f"{_MANNER} You analyse sales: compare periods, name what changed and what to do about it.",
            tools=tuple(ToolGrant(name=name) for name in LOOKING),
        ),
    ),
)


def install(connection: Connection) -> None:
    """Make the built-in agents that the database lacks; those it has stay as people left them."""
    present = {agent.slug for agent in agents.list_agents(connection)}
    for agent, setup in BUILT_IN:
        if agent.slug not in present:
            agents.save(connection, agent, setup)
