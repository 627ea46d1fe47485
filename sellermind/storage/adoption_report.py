"""What an adoption of SellerMind's own database would do, and what stands in its way."""

from dataclasses import dataclass

from sqlalchemy import Engine, inspect

from sellermind.models.schema_changes import Change
from sellermind.storage import duplicates, odd_rows, schema
from sellermind.storage.duplicates import Duplicates
from sellermind.storage.engine import reading
from sellermind.storage.odd_rows import OddRows
from sellermind.storage.tables.accounts import marketplace_accounts
from sellermind.storage.tables.columns import METADATA
from sellermind.vault import TokenVault


@dataclass(frozen=True)
class Report:
    """All that there is to know before."""

    changes: tuple[Change, ...]
    duplicates: tuple[Duplicates, ...]
    odd_rows: tuple[OddRows, ...]


def is_sellerminds(engine: Engine) -> bool:
    """Whether there is anything to adopt: MySQL, and the table without which there is no SellerMind.

    Raises:
        Unavailable: the database is gone.
    """
    if engine.dialect.name == "sqlite":
        return False
    with reading(engine) as connection:
        return inspect(connection).has_table(marketplace_accounts.name)


def examine(engine: Engine, vault: TokenVault) -> Report:
    """Look at the whole database; nothing is changed.

    Args:
        engine: of MySQL or MariaDB.
        vault: the keys that workers will have.

    Raises:
        Misconfigured: the database is newer than this code.
        Unavailable: it is gone, or somebody is changing its schema.
    """
    changes = schema.migrate(engine, dry_run=True)
    patient = schema.patient(engine)
    try:
        with reading(patient) as connection:
            there = set(inspect(connection).get_table_names())
            existing = [table for table in METADATA.sorted_tables if table.name in there]
            doubled = tuple(found for table in existing for found in duplicates.find(connection, table))
            return Report(changes, doubled, tuple(odd_rows.count(connection, vault)))
    finally:
        patient.dispose()
