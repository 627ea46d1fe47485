"""Activities that remove old rows."""

import time
from datetime import timedelta

from sqlalchemy import Engine
from temporalio import activity

from sellermind.errors import Unavailable
from sellermind.models.retention import OldRows
from sellermind.storage import retention
from sellermind.storage.engine import transaction

PAUSE_SECONDS = 0.02
"""Between two batches: SQLite has one writer at a time, and the syncs come first."""


class RetentionActivities:
    """Steps that keep tables from growing for ever."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @activity.defn(no_thread_cancel_exception=True)  # as in activities/wildberries.py: no commit is cut in half
    def remove_old_rows(self, old: OldRows) -> int:
        """Remove rows batch by batch; a retry begins at what is left and counts on.

        Args:
            old: the kind of rows, and from when on they stay.

        Returns:
            How many are gone.

        Raises:
            Unavailable: this worker is stopping, and another one goes on; or the run is cancelled. Or as `transaction`.
            Refused, Misconfigured: as `transaction`.
        """
        (removed_before,) = activity.info().heartbeat_details or (0,)
        walk = retention.Walk(removed=removed_before)
        while not walk.done:
            with transaction(self._engine) as connection:
                walk = retention.remove_batch(connection, old.kind, old.before, walk)
            activity.heartbeat(walk.removed)
            if activity.is_worker_shutdown() or activity.is_cancelled():
                raise Unavailable("the worker is stopping", retry_after=timedelta(seconds=1))
            time.sleep(PAUSE_SECONDS)
        return walk.removed
