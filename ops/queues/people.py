"""What waits for a person, from the database."""

from ops.database import database
from sellermind.settings import Settings
from sellermind.storage import agent_runs
from sellermind.storage.engine import reading


def waiting_for_people(settings: Settings) -> frozenset[int]:
    """Ids of the agent runs that wait for an approval.

    Raises:
        Misconfigured: the database is at another revision, or cannot be used.
        Unavailable: it does not answer.
    """
    with database(settings) as engine, reading(engine) as connection:
        return agent_runs.waiting_for_approval(connection)
