"""Agents, their runs, ledger and transcripts; products; what models cost."""

from alembic import op
from alembic.operations import Operations

from sellermind.storage.adoption import adopt
from sellermind.storage.tables.agents import (
    agent_messages,
    agent_task_runs,
    agent_tasks,
    agent_tool_calls,
    agent_turns,
    agent_versions,
    agents,
)
from sellermind.storage.tables.products import product_descriptions, products
from sellermind.storage.tables.usage import ai_budgets, ai_reservations, ai_usage_logs

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create or complete the tables of the AI half."""
    adopt(
        Operations(op.get_context()),
        [
            agents,
            agent_versions,
            agent_tasks,
            agent_task_runs,
            agent_turns,
            agent_messages,
            agent_tool_calls,
            products,
            product_descriptions,
            ai_usage_logs,
            ai_budgets,
            ai_reservations,
        ],
    )
