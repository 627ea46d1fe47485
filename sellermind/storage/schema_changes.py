"""What an upgrade does to a MySQL schema: each statement noted, and sent so that writers need not wait, or not sent."""

from typing import Any

import pymysql
from alembic.ddl.base import AddColumn
from alembic.ddl.mysql import MySQLModifyColumn
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.schema import CreateIndex, CreateTable

from sellermind.models.schema_changes import Change, How

# With this clause the server changes at once or in place, or says that it cannot (1845, 1846).
UNLOCKED = {AddColumn: ", LOCK=NONE", CreateIndex: " LOCK=NONE"}
CANNOT = frozenset({1845, 1846})


def watch(engine: Engine, *, dry_run: bool) -> dict[str, Change]:
    """Note all that changes the schema from now on, by its SQL; a revision may look at a table that one before it did.

    Args:
        engine: of MySQL or MariaDB, used for nothing else.
        dry_run: note the changes and send none; what only reads is sent.
    """
    noted: dict[str, Change] = {}

    def execute(cursor: DBAPICursor, statement: str, parameters: Any, context: Any) -> bool:
        if not (context.isddl or context.is_crud):
            return False
        element = context.compiled.statement
        clause = UNLOCKED.get(type(element), "")
        change = _change(element, statement.strip() + clause)
        if dry_run and context.is_crud:
            cursor.execute("SELECT 1")  # Alembic looks whether one row of its own was written
        elif dry_run:
            pass
        elif not _send(cursor, statement, clause, parameters):
            change = Change(change.kind, change.table, change.name, How.COPIED, statement.strip())
        noted.setdefault(change.sql, change)
        return True

    event.listen(engine, "do_execute", execute)
    return noted


def _send(cursor: DBAPICursor, statement: str, clause: str, parameters: Any) -> bool:
    """Whether the server did it without a lock; where it cannot (MyISAM, some checks) it does it with one."""
    try:
        cursor.execute(statement + clause, parameters)
    except pymysql.MySQLError as error:
        if error.args[0] not in CANNOT:
            raise
        cursor.execute(statement, parameters)
        return False
    return True


def _change(element: Any, sql: str) -> Change:
    match element:
        case CreateTable():
            return Change("table", element.element.name, "", How.NEW, sql)
        case AddColumn():
            return Change("column", element.table_name, element.column.name, How.ONLINE, sql)
        case CreateIndex():
            index, kind = element.element, "unique key" if element.element.unique else "index"
            return Change(kind, str(index.table), str(index.name), How.ONLINE, sql)
        case MySQLModifyColumn():
            return Change("type", element.table_name, element.column_name, How.COPIED, sql)
    return Change("revision", element.table.name, "", How.ROW, sql)
