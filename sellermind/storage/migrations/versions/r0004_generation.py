"""Generation tasks, their items, and the pictures of products."""

from alembic import op
from alembic.operations import Operations
from sqlalchemy import String, inspect
from sqlalchemy.dialects import mysql

from sellermind.storage.adoption import adopt
from sellermind.storage.tables.generation import generation_items, generation_tasks, product_images

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create or complete the tables of generation; SellerMind's ENUM of statuses becomes text, its values stay."""
    operations = Operations(op.get_context())
    adopt(operations, [generation_tasks, generation_items, product_images])
    inspector = inspect(operations.get_bind())
    # In a dry run the table may still be missing.
    columns = inspector.get_columns(generation_tasks.name) if inspector.has_table(generation_tasks.name) else []
    if any(column["name"] == "status" and isinstance(column["type"], mysql.ENUM) for column in columns):
        operations.alter_column(
            generation_tasks.name, "status", type_=String(20), nullable=False, server_default="pending"
        )
