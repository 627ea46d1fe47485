"""`sellermind backup`: copies of both databases of the embedded mode, while everything runs."""

import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy.engine import make_url

from ops import audit
from ops.backup.copies import copy_sqlite, dump_mysql
from ops.demo.dev import FOLDER
from ops.outcome import ExitCode, VerbFailed
from ops.output import examples, json_option, show
from sellermind.settings import load

TEMPORAL = "temporal.db"
a_path = click.Path(resolve_path=True, path_type=Path)
a_file = click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path)


@dataclass(frozen=True)
class CopiedFile:
    """One file of a backup."""

    name: str
    bytes: int


@dataclass(frozen=True)
class Backup:
    """A whole backup: where it is, its files, how long it took."""

    folder: str
    files: list[CopiedFile]
    seconds: float


@click.command(
    "backup",
    epilog=examples(
        "sellermind backup /var/backups/sellermind/2026-11-24",
        "sellermind backup ~/before-upgrade --temporal-file var/demo/temporal.db --json",
    ),
)
@click.argument("folder", type=a_path)
@click.option(
    "--temporal-file",
    type=a_file,
    default=FOLDER / TEMPORAL,
    show_default=True,
    help="The embedded Temporal server's --db-filename.",
)
@json_option
def command(*, folder: Path, temporal_file: Path, as_json: bool) -> None:
    """Copy both databases of the embedded mode into a new FOLDER; everything goes on meanwhile.

    The keys (SELLERMIND_SECRET_KEYS) are not in it: keep them elsewhere, without them the copies cannot be read.
    """
    began = time.monotonic()
    if folder.exists():
        raise VerbFailed(ExitCode.REFUSED, f"{folder} is there already and never overwritten; name another.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        _copy(unfinished, temporal_file)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    files = [CopiedFile(file.name, file.stat().st_size) for file in sorted(folder.iterdir())]
    backup = Backup(str(folder), files, round(time.monotonic() - began, 1))
    audit.record("backup", folder=backup.folder, files=[file.name for file in files])
    said = ", ".join(f"{file.name} ({file.bytes / 1_000_000:.1f} MB)" for file in files)
    show(backup, f"Backed up into {folder}: {said}.", as_json=as_json)


def _copy(folder: Path, temporal_file: Path) -> None:
    """Temporal's first: what it does again after a restore finds its rows; the other way round it would miss them."""
    copy_sqlite(temporal_file, folder / TEMPORAL)
    url = make_url(load().database_url)
    if url.get_backend_name() == "sqlite":
        copy_sqlite(Path(str(url.database)), folder / "sellermind.db")
    else:
        dump_mysql(url, folder / "sellermind.sql")
    for file in folder.iterdir():
        with file.open("rb") as written:
            os.fsync(written.fileno())
