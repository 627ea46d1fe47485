"""The folder in which demo or dev keeps what it makes: one process at a time, its key for its user only."""

import fcntl
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet

from ops.outcome import ExitCode, VerbFailed

PRIVATE = 0o600
LOCK = "lock"


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold the folder for the length of a `with` block; the system lets go of it however the process ends.

    Raises:
        VerbFailed: another process holds it.
        OSError: the folder cannot be made or written.
    """
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise VerbFailed(
                ExitCode.FAILED,
                f"Another one runs in {folder} (process {lock.read().strip() or 'unknown'}); "
                "stop it with Ctrl-C there, or give this one a --folder of its own.",
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def emptied(folder: Path) -> None:
    """Remove what an earlier run left in the folder: databases, logs, keys. Only files that such a run makes."""
    made = ("*.db", "*.db-shm", "*.db-wal", "*.key", "*.ready", "env", "logs/*.log")
    for pattern in made:
        for file in folder.glob(pattern):
            file.unlink()


def secret_key(file: Path) -> str:
    """The key for tokens at rest in `file`; made there on first use, readable by its user only."""
    if not file.exists():
        write_private(file, new_key())
    return file.read_text().strip()


def new_key() -> str:
    """A fresh key for SELLERMIND_SECRET_KEYS."""
    return Fernet.generate_key().decode()


def append_private(file: Path, line: str) -> None:
    """Add a line to a file; a new file may be read by its user only."""
    with os.fdopen(os.open(file, os.O_CREAT | os.O_RDWR | os.O_APPEND, PRIVATE), "a+") as opened:
        opened.seek(0)
        text = opened.read()
        opened.write(("" if not text or text.endswith("\n") else "\n") + line + "\n")


def write_private(file: Path, text: str) -> None:
    """Write a file that only its user may read, from its first byte on."""
    with os.fdopen(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, PRIVATE), "w") as opened:
        opened.write(text)


def write_exports(file: Path, variables: Mapping[str, str]) -> None:
    """Write a file for `. FILE`: it lets the verbs of another terminal work with this stack. It holds the key."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    write_private(file, "\n".join(lines) + "\n")
