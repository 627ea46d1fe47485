"""The database's clock: the one that all worker processes share."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class database_now(GenericFunction[int]):  # noqa: N801 - reads as the SQL function it is
    """Microseconds since 1970, UTC, by the database's clock at the moment the row is looked at."""

    type = BigInteger()
    inherit_cache = True


@compiles(database_now, "mysql")
def _mysql(_element: database_now, _compiler: SQLCompiler, **_options: Any) -> str:
    # SYSDATE, not NOW: a statement may wait for the row's lock, and NOW is the time before that wait.
    return "CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)"


@compiles(database_now, "sqlite")
def _sqlite(_element: database_now, _compiler: SQLCompiler, **_options: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"
