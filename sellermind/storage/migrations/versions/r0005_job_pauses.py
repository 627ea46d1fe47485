"""Pauses of one job for one account."""

from alembic import op
from alembic.operations import Operations

from sellermind.storage.adoption import adopt
from sellermind.storage.tables.syncs import job_pauses

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table of job pauses."""
    adopt(Operations(op.get_context()), [job_pauses])
