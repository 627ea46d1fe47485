"""How verbs use the database: opened, at the right revision, closed again."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from sellermind.settings import Settings
from sellermind.storage import schema
from sellermind.storage.engine import build_engine


@contextmanager
def database(settings: Settings) -> Iterator[Engine]:
    """The engine of the database that the settings name.

    Raises:
        Misconfigured: its tables are not at the revision of this code.
    """
    engine = build_engine(settings.database_url)
    try:
        schema.check(engine)
        yield engine
    finally:
        engine.dispose()
