"""Connections to the database: MySQL or MariaDB in production, one SQLite file on a single machine."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from select import POLLIN, poll
from tempfile import TemporaryFile
from typing import Any

import pymysql
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from sellermind import metrics
from sellermind.errors import Misconfigured, Unavailable
from sellermind.settings import OpenTelemetry
from sellermind.storage import documents, literals, statement_spans
from sellermind.storage.failures import translate
from sellermind.storage.literals import Literal

CONNECT_TIMEOUT = 5
# A thread cannot be killed: every statement ends before any activity's start-to-close (workflows/policies.py), and
# a wait for a row lock ends before the statement, so that it is told as what it is.
STATEMENT_TIMEOUT = 20
LOCK_TIMEOUT = 15
# A client that is cut off without a word keeps its row locks until the server gives it up, by default after 8 hours.
# MySQL has no limit of its own for a transaction that idles; a shorter one for all would fill MariaDB's log with
# every connection that the pool keeps for later.
IDLE_TRANSACTION_TIMEOUT = 30
WAIT_TIMEOUT = 300
# A worker's slots bound its threads; the pool must not be the narrower gate, nor close what is opened again.
CONNECTIONS = 50
RECYCLE_SECONDS = 1800
IDLE_SECONDS = 1
SQL_MODE = "STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"


def build_engine(url: str, *, statement_timeout: int = STATEMENT_TIMEOUT) -> Engine:
    """Prepare connections; the first one is opened when somebody asks for it.

    Args:
        url: SELLERMIND_DATABASE_URL, `mysql+pymysql://…` or `sqlite:///…`.
        statement_timeout: seconds a MySQL statement may take.

    Raises:
        Misconfigured: the URL cannot be used, or the SQLite file or its folder cannot be written.
    """
    parsed = _parse(url)
    engine = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _mysql(parsed, statement_timeout)
    if OpenTelemetry().wanted:
        statement_spans.watch(engine)
    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write: committed at the end of the block, rolled back by an exception.

    Raises:
        Unavailable: the database is gone, busy or deadlocked; another try can heal it.
        Refused: the statement or its data is wrong; another try would fail the same way.
        Misconfigured: user, password, database or rights are wrong.
    """
    with _naming_failures(), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads; on SQLite it waits for no writer.

    Raises:
        Unavailable, Refused, Misconfigured: as `transaction`.
    """
    with _naming_failures(), _reader(engine).begin() as connection:
        yield connection


@lru_cache(maxsize=8)
def _reader(engine: Engine) -> Engine:
    """The same connections, marked; made once, since each making goes through all of SQLAlchemy's options."""
    return engine.execution_options(sellermind_reading=True)


@contextmanager
def _naming_failures() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        failure = translate(error)
        metrics.count_database_failure(type(failure).__name__)
        # Without the driver's error as cause: its text may quote a row, and causes go into workflow history too.
        raise failure.with_traceback(error.__traceback__) from None
    except PoolTimeout:
        metrics.count_database_failure("PoolTimeout")
        raise Unavailable("All database connections of this process are in use.") from None


def _parse(url: str) -> URL:
    remedy = "set SELLERMIND_DATABASE_URL to sqlite:///FILE or mysql+pymysql://USER:PASSWORD@HOST/DATABASE"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise Misconfigured(f"The database URL cannot be read: {remedy}.") from None
    if parsed.get_backend_name() not in ("sqlite", "mysql", "mariadb"):
        raise Misconfigured(f"The database {parsed.get_backend_name()!r} is not supported: {remedy}.")
    if not parsed.database or parsed.database == ":memory:":
        raise Misconfigured(f"The database URL names no database that processes can share: {remedy}.")
    return parsed


def _mysql(url: URL, statement_timeout: int) -> Engine:
    session = (
        f"SET time_zone='+00:00', sql_mode='{SQL_MODE}', innodb_lock_wait_timeout={LOCK_TIMEOUT}, "
        f"wait_timeout={max(WAIT_TIMEOUT, statement_timeout)} "
        f"/*M!100300 , idle_transaction_timeout={IDLE_TRANSACTION_TIMEOUT} */"
    )
    engine = create_engine(
        url.set(drivername="mysql+pymysql"),
        connect_args={
            "charset": "utf8mb4",
            # connect_timeout alone does not cover the handshake of a frozen server
            "connect_timeout": min(CONNECT_TIMEOUT, statement_timeout),
            "read_timeout": statement_timeout,
            "write_timeout": statement_timeout,
            "init_command": session,
            "conv": {**pymysql.converters.conversions, Literal: literals.as_it_is},
        },
        isolation_level="READ COMMITTED",
        pool_recycle=RECYCLE_SECONDS,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=LOCK_TIMEOUT,
        # Every connection is used in a `with` block, which ends its transaction; the pool would end it once more.
        pool_reset_on_return=None,
        hide_parameters=True,
        json_serializer=documents.serialize_for_mysql,
    )
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _ask_idle)
    return engine


def _note_use(_connection: Any, entry: ConnectionPoolEntry) -> None:
    entry.info["used"] = time.monotonic()


def _ask_idle(connection: Any, entry: ConnectionPoolEntry, _proxy: Any) -> None:
    """Ask whether a connection still stands: the socket always, the server only after a while.

    SQLAlchemy's own `pool_pre_ping` asks the server at each of the twenty transactions of a small sync.

    Raises:
        DisconnectionError: it is gone; the pool then opens another one.
    """
    now = time.monotonic()
    idle = now - entry.info.get("used", now)  # one that was just opened has no time of use
    try:
        if not connection.open or _has_spoken(connection):
            raise DisconnectionError
        if idle > IDLE_SECONDS:
            connection.ping(reconnect=False)
    except pymysql.Error:
        raise DisconnectionError from None


def _has_spoken(connection: Any) -> bool:
    """Whether there is something to read from a server that was asked nothing: it says that only when it hangs up."""
    looking = poll()
    looking.register(connection._sock, POLLIN)  # noqa: SLF001 - PyMySQL shows its socket to nobody
    return bool(looking.poll(0))


def _sqlite(url: URL) -> Engine:
    _check_writable(Path(str(url.database)))
    engine = create_engine(
        url.set(drivername="sqlite"),
        connect_args={"timeout": LOCK_TIMEOUT, "isolation_level": None},
        pool_size=CONNECTIONS,
        max_overflow=40,
        hide_parameters=True,
        json_serializer=documents.serialize,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock first: a read that later turns into a write would fail at once instead of waiting."""
    reads = connection.get_execution_options().get("sellermind_reading")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _check_writable(file: Path) -> None:
    """SQLite writes the file and, beside it, its log.

    Raises:
        Misconfigured: it could not.
    """
    remedy = "make it writable, or let SELLERMIND_DATABASE_URL name another file"
    folder = next(folder for folder in file.resolve().parents if folder.exists())  # `db upgrade` makes the others
    try:
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise Misconfigured(f"The folder {file.parent} cannot be written ({error.strerror}): {remedy}.") from None
    if file.exists() and not os.access(file, os.R_OK | os.W_OK):
        raise Misconfigured(f"The file {file} cannot be written: {remedy}.")
