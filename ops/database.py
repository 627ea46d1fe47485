"""How verbs use the database: opened, at the right revision, closed again."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from sellermind.settings import Settings
from sellermind.storage import schema
from sellermind.storage.engine import build_engine, reading


@contextmanager
def database(settings: Settings) -> Iterator[Engine]:
    """The engine of the database that the settings name.

    Raises:
        Misconfigured: its tables are not at the revision of this code.
        Unavailable: it is gone, or frozen.
    """
    engine = answering(settings)
    try:
        schema.check(engine)
        yield engine
    finally:
        engine.dispose()


def answering(settings: Settings) -> Engine:
    """The engine of a database that has just answered: a frozen one takes connections, and would hold us for long.

    Raises:
        Misconfigured: the URL cannot be used.
        Unavailable: it does not answer.
    """
    engine = build_engine(settings.database_url)
    if engine.dialect.name != "sqlite":  # a file answers, and asking for one that is not there would make it
        seconds = math.ceil(settings.answer_within.total_seconds())  # what it is asked then may take longer
        hasty = build_engine(settings.database_url, statement_timeout=seconds)
        try:
            with reading(hasty):
                pass
        finally:
            hasty.dispose()
    return engine
