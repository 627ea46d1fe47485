"""Copies of databases that are in use: each is what its database was at one moment, and nobody has to stop for it."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import URL

from ops.progress import progress
from sellermind.errors import Misconfigured

PRIVATE = 0o600
PAGES_A_STEP = 2048
DUMPERS = ("mariadb-dump", "mysqldump")
# Tablespaces would need a right (PROCESS) that the service's user does not have.
DUMP = ("--single-transaction", "--no-tablespaces", "--hex-blob", "--triggers", "--default-character-set=utf8mb4")
FLAGS = {"unix_socket": "--socket", "ssl_ca": "--ssl-ca"}
"""What a MySQL URL's query may say, as the dumper is told it."""


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite file through SQLite's own backup (sqlite.org/backup.html), and check the copy.

    Args:
        source: the database, which others may be writing.
        target: the copy, which is not there yet; readable by its user only.

    Raises:
        Misconfigured: the file is missing, is no database, or the copy cannot be written or is not whole.
    """
    _create(target)
    try:
        with closing(_opened(source, "ro")) as reader, closing(_opened(target, "rw")) as writer:
            # One transaction around all steps: otherwise every write of others would begin the copy anew.
            reader.execute("BEGIN")
            (pages,) = reader.execute("PRAGMA page_count").fetchone()
            reader.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
            with progress(f"Copying {source.name}", pages // PAGES_A_STEP + 1) as advance:
                reader.backup(writer, pages=PAGES_A_STEP, progress=_telling(advance))
            (verdict,) = writer.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise Misconfigured(
            f"{source} cannot be copied ({error}); see that it is the database, and the disk."
        ) from error
    if verdict != "ok":
        raise Misconfigured(f"The copy of {source} is damaged ({verdict}), so the database may be; look at the disk.")


def dump_mysql(url: URL, target: Path) -> None:
    """Dump a MySQL or MariaDB database in one transaction with its server's own tool.

    Args:
        url: SELLERMIND_DATABASE_URL.
        target: the SQL file, which is not there yet; readable by its user only.

    Raises:
        Misconfigured: there is no such tool here, or it failed.
    """
    dumper = next(filter(None, map(shutil.which, DUMPERS)), None)
    if dumper is None:
        raise Misconfigured("Neither mariadb-dump nor mysqldump is here; install Debian's mariadb-client.")
    line = [dumper, *DUMP, *_where(url), str(url.database)]
    # Not as an argument, which every user of the machine could read.
    secret = {"MYSQL_PWD": str(url.password)} if url.password else {}
    with os.fdopen(_create(target), "wb") as output:
        done = subprocess.run(  # noqa: S603 (a database's own tool, with our URL)
            line, env=secret, stdout=output, stderr=subprocess.PIPE, text=True, check=False
        )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise Misconfigured(f"{Path(dumper).name} failed ({said[-1] if said else done.returncode}); mend that.")


def _where(url: URL) -> list[str]:
    """Server and user, as the dumper is told them."""
    line = [f"{flag}={url.query[name]}" for name, flag in FLAGS.items() if name in url.query]
    line += [f"--host={url.host}", "--protocol=tcp"] if url.host and "unix_socket" not in url.query else []
    line += [f"--port={url.port}"] if url.port else []
    return [*line, f"--user={url.username}"] if url.username else line


def _create(target: Path) -> int:
    return os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE)


def _opened(file: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(file.absolute()))}?mode={mode}", uri=True, isolation_level=None)


def _telling(advance: Callable[[], None]) -> Callable[[int, int, int], None]:
    return lambda _status, _remaining, _total: advance()
