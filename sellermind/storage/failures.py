"""What a database error means: decided by its code, never by its class or text.

The drivers raise the same class for a deadlock and for a row that can never be stored.
"""

import sqlite3

from sqlalchemy.exc import DBAPIError

from sellermind.errors import Misconfigured, Refused, Unavailable

# Server gone, lock wait, deadlock, connection killed; 0 is PyMySQL's "connection already closed".
MYSQL_GONE = frozenset({0, 1053, 1158, 1159, 1160, 1161, 1205, 1213, 1927, 2002, 2003, 2006, 2013, 3572})
# A server that takes nothing for now: full disk or table, too many connections, read-only in a failover.
MYSQL_FULL = frozenset({1021, 1040, 1114, 1203, 1290, 1836})
MYSQL_PASSING = MYSQL_GONE | MYSQL_FULL
# Wrong user, password, database or privilege.
MYSQL_SETTINGS = frozenset({1044, 1045, 1049, 1130, 1142, 1698})
SQLITE_PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL})
SQLITE_SETTINGS = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})
SQLITE_PRIMARY = 0xFF  # extended codes keep the primary one in their low byte


def translate(error: DBAPIError) -> Unavailable | Refused | Misconfigured:
    """Name a database error: worth another try, never, or a matter for a person.

    The driver's own text stays out of the message: it can quote the row, and failures go into workflow history.

    Args:
        error: as SQLAlchemy raised it.
    """
    code = code_of(error)
    sqlite = isinstance(error.orig, sqlite3.Error)
    if error.connection_invalidated or code in (SQLITE_PASSING if sqlite else MYSQL_PASSING):
        return Unavailable(f"The database did not answer or was busy (code {code}).")
    if sqlite and code == sqlite3.SQLITE_NOTADB:
        return Misconfigured(
            "The file that SELLERMIND_DATABASE_URL names is no SQLite database: name another, or move it away and "
            "run `sellermind db upgrade`."
        )
    if code in (SQLITE_SETTINGS if sqlite else MYSQL_SETTINGS):
        return Misconfigured(
            f"The database refuses us (code {code}): check user, password, database name and rights in "
            "SELLERMIND_DATABASE_URL."
        )
    return Refused(f"The database refused a statement (code {code}): {_beginning(error.statement)}")


def code_of(error: DBAPIError) -> int | None:
    """The server's error number (MySQL), the primary result code (SQLite), or None."""
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", None)
        return None if code is None else code & SQLITE_PRIMARY
    first = error.orig.args[0] if error.orig and error.orig.args else None
    return first if isinstance(first, int) else None


def _beginning(statement: str | None) -> str:
    return " ".join((statement or "").split())[:80]
