"""Removing old rows, oldest first, a small batch at a time.

The way goes up the primary key: ids grow with time, so the old rows come first, and no index of the age is needed.
Neither a batch nor its locks grow with the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, delete, select, true

from sellermind.models.retention import AgingRows
from sellermind.storage.tables.accounts import marketplace_account_issues
from sellermind.storage.tables.orders import order_events
from sellermind.storage.tables.syncs import marketplace_sync_logs

BATCH = 1000
"""Rows that are looked at in one transaction."""

_log, _issue = marketplace_sync_logs.c, marketplace_account_issues.c


@dataclass(frozen=True)
class _Rule:
    """Which rows of a table may go."""

    table: Table
    age: Column[datetime]
    """When a row began to age; a row without that time stays, as nobody knows how old it is."""
    group: tuple[ColumnElement[Any], ...] = ()
    """Of rows that agree in these, the newest one past its age stays. Never none: SQLite would give the id of a table's
    last row once more, and who reads the outbox by id would miss the new one."""
    only: ColumnElement[bool] = field(default_factory=true)


# An account's newest log of each job and outcome stays: its last success, its last failure, a run that goes on.
_RULES = {
    AgingRows.SYNC_LOGS: _Rule(
        marketplace_sync_logs,
        age=_log.created_at,
        group=(_log.marketplace_account_id, _log.type, _log.status, _log.request_payload["job"].as_string()),
    ),
    AgingRows.ORDER_EVENTS: _Rule(order_events, age=order_events.c.created_at),
    AgingRows.CLOSED_ISSUES: _Rule(
        marketplace_account_issues, age=_issue.resolved_at, only=_issue.status == "resolved"
    ),
}


@dataclass(frozen=True)
class Walk:
    """How far the removal has come."""

    after_id: int = 0
    removed: int = 0
    newest: Mapping[tuple[object, ...], int] = field(default_factory=dict)
    """Ids of the rows that stay unless a newer old one of their group follows."""
    done: bool = False


def remove_batch(connection: Connection, kind: AgingRows, before: datetime, walk: Walk) -> Walk:
    """Look at the next rows and remove those that are too old. Safe to begin anew at any time.

    Args:
        connection: inside a transaction of its own.
        kind: rows with an age limit.
        before: rows that began to age earlier may go, UTC.
        walk: what the last batch gave; `Walk()` first.

    Returns:
        The walk after it; done, when every row further on is younger.
    """
    rule = _RULES[kind]
    identity, created = rule.table.c.id, rule.table.c.created_at
    over = ((rule.age < before) & rule.only).label("over")
    query = select(identity, created, over, *rule.group).where(identity > walk.after_id).order_by(identity)
    rows = connection.execute(query.limit(BATCH)).all()
    newest, outlived = dict(walk.newest), []
    for row in rows:
        if row.over:
            group = tuple(row[3:])
            outlived += [newest[group]] if group in newest else []
            newest[group] = row.id
    if outlived:
        connection.execute(delete(rule.table).where(identity.in_(outlived), rule.age < before, rule.only))
    done = not any(row.created_at is None or row.created_at < before for row in rows)
    last = rows[-1].id if rows else walk.after_id
    return Walk(last, walk.removed + len(outlived), newest, done)
