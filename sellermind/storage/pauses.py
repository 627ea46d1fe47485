"""Jobs that operators have paused for single accounts: `job_pauses`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, or_, select

from sellermind.models.sync import JobPause
from sellermind.storage.tables.syncs import job_pauses
from sellermind.storage.upsert import upsert

_KEY = ("marketplace_account_id", "job")
_pause = job_pauses.c


def pause(connection: Connection, pauses: Sequence[JobPause]) -> None:
    """Leave these jobs of these accounts out of the ticks; of a job that is paused already, the last word holds."""
    rows = [{"marketplace_account_id": each.account_id, **each.model_dump(exclude={"account_id"})} for each in pauses]
    upsert(connection, job_pauses, rows, key=_KEY, owned=("paused_by", "reason", "ends_at"))


def resume(connection: Connection, account_id: int, job: str, now: datetime) -> bool:
    """Let the ticks start the job for the account again; False if it was not paused (any more)."""
    own = (_pause.marketplace_account_id == account_id, _pause.job == job)
    stood = connection.execute(select(_pause.job).where(*own, holds(now))).first() is not None
    connection.execute(delete(job_pauses).where(*own))
    return stood


def standing(connection: Connection, now: datetime) -> list[JobPause]:
    """Every pause that holds at `now`, in order of account and job."""
    query = select(job_pauses).where(holds(now)).order_by(_pause.marketplace_account_id, _pause.job)
    return [
        JobPause.model_validate({**row._mapping, "account_id": row.marketplace_account_id})
        for row in connection.execute(query)
    ]


def holds(now: datetime) -> ColumnElement[bool]:
    """The condition of a pause that has not ended by itself at `now`."""
    return or_(_pause.ends_at.is_(None), _pause.ends_at > now)
