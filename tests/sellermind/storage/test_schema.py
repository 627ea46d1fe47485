"""Migrations."""

from sqlalchemy import Engine, inspect

from sellermind.storage.tables.columns import METADATA


def test_an_empty_database_gets_every_table(database: Engine) -> None:
    assert set(METADATA.tables) <= set(inspect(database).get_table_names())
