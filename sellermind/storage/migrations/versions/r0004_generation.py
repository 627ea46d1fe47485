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
    columns = inspect(operations.get_bind()).get_columns(generation_tasks.name)
    status = next(column["type"] for column in columns if column["name"] == "status")
    if isinstance(status, mysql.ENUM):
        operations.alter_column(
            generation_tasks.name, "status", type_=String(20), nullable=False, server_default="pending"
        )
