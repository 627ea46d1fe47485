"""The database's revision: bring it up to what this code needs, or say that it is not."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, column, func, inspect, select, table

from sellermind.errors import Misconfigured, Unavailable
from sellermind.models.schema_changes import Change
from sellermind.storage.engine import build_engine, reading, transaction

MIGRATIONS = Path(__file__).with_name("migrations")
VERSION = table("alembic_version", column("version_num"))
LOCK = "sellermind-schema"
LOCK_WAIT = timedelta(minutes=10)
LONGEST_CHANGE = timedelta(hours=6)  # a new index on a seller's millions of orders takes its time
TABLE_WAIT = timedelta(seconds=5)  # a change that waits for its table lets nobody past it


def upgrade(engine: Engine) -> str:
    """Bring the database to this code's revision and give that revision; nothing happens if it is there.

    Two processes may call it at once: one works, the other waits and then finds nothing to do.

    Args:
        engine: the database; an empty one gets all tables, one of SellerMind's gets what it lacks.

    Raises:
        Misconfigured: rows of the database stand in the way (the message says which), or it is newer than this code.
        Unavailable: the database is gone, or another upgrade has been running for too long.
    """
    migrate(engine, dry_run=False)
    return _needed()


def migrate(engine: Engine, *, dry_run: bool) -> tuple[Change, ...]:
    """Upgrade, and tell each statement of it; of SQLite, which nobody adopts, none is told.

    Args:
        engine: as for `upgrade`.
        dry_run: only tell, on MySQL: nothing is changed, and duplicates are no hindrance.

    Raises:
        Misconfigured, Unavailable: as `upgrade`.
    """
    # 11 MB and a third of a second, which a worker, that only checks, need not spend.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    if engine.dialect.name == "sqlite":
        Path(str(engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
    unhurried = patient(engine)
    try:
        with _alone(unhurried), transaction(unhurried) as connection:
            _refuse_newer(_current(connection))
            noted = _prepare(connection, dry_run=dry_run) if engine.dialect.name == "mysql" else {}
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            return tuple(noted.values())
    finally:
        unhurried.dispose()


def patient(engine: Engine) -> Engine:
    """Other connections to the same database, whose statements may go through whole tables; for the caller to dispose.

    Args:
        engine: names the database.
    """
    url = engine.url.render_as_string(hide_password=False)
    return build_engine(url, statement_timeout=int(LONGEST_CHANGE.total_seconds()))


def check(engine: Engine) -> None:
    """Refuse to work on a database of another revision.

    Raises:
        Misconfigured: it is older (or empty): `sellermind db upgrade`; or it is newer: this code is old.
        Unavailable: the database does not answer.
    """
    current = None
    # To look into a SQLite file that is not there would make it.
    if engine.dialect.name != "sqlite" or Path(str(engine.url.database)).exists():
        with reading(engine) as connection:
            current = _current(connection)
    _refuse_newer(current)
    if current != _needed():
        raise Misconfigured(
            f"The database is at revision {current or 'none'}, this code needs {_needed()}: "
            "run `sellermind db upgrade`."
        )


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION.name):
        return None
    return connection.execute(select(VERSION.c.version_num)).scalar_one_or_none()


def _prepare(connection: Connection, *, dry_run: bool) -> dict[str, Change]:
    """Let no change wait long for its table, and note the changes, by their SQL."""
    from sellermind.storage.adoption import DRY_RUN  # noqa: PLC0415 - loads Alembic
    from sellermind.storage.schema_changes import watch  # noqa: PLC0415 - loads Alembic

    connection.exec_driver_sql(f"SET SESSION lock_wait_timeout={int(TABLE_WAIT.total_seconds())}")
    if dry_run:
        connection.execution_options(**{DRY_RUN: True})
        connection.exec_driver_sql("START TRANSACTION READ ONLY")  # should a change slip through
    return watch(connection.engine, dry_run=dry_run)


def _needed() -> str:
    return _known()[-1]


def _known() -> list[str]:
    """This code's revisions, oldest first: the digits of the file names, as Alembic finds them in the files."""
    return sorted(file.stem[1:5] for file in (MIGRATIONS / "versions").glob("r[0-9]*.py"))


def _refuse_newer(current: str | None) -> None:
    if current is not None and current not in _known():
        raise Misconfigured(
            f"The database is at revision {current}, which this code does not know (its own is {_needed()}): "
            "deploy the newer code."
        )


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Hold the lock of schema changes: a lock of the MySQL server, or of the SQLite file's folder."""
    if engine.dialect.name == "mysql":
        with reading(engine) as holder:  # the server lets go when this connection closes
            if holder.execute(select(func.get_lock(LOCK, int(LOCK_WAIT.total_seconds())))).scalar_one() != 1:
                raise Unavailable("Another process has been changing the database's schema for too long.")
            yield
        return
    folder = os.open(Path(str(engine.url.database)).parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        _write_ahead(engine)
        yield
    finally:
        os.close(folder)


def _write_ahead(engine: Engine) -> None:
    """Let readers and a writer work side by side. The file remembers it; two processes must not switch at once."""
    connection = engine.raw_connection()
    connection.cursor().execute("PRAGMA journal_mode=WAL")
    connection.close()
