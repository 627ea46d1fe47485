"""A heartbeat from a timer, independent of the work's progress."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from threading import Event, Thread

from temporalio import activity

INTERVAL_SECONDS = 3.0  # three beats fit into the policy's heartbeat timeout


@contextmanager
def beating() -> Iterator[None]:
    """Tell Temporal every few seconds that this worker lives, whatever the activity's thread is waiting for.

    The activity may wait longer for a slow marketplace than the heartbeat timeout lasts: each of its blocking
    calls has a timeout of its own, so a beating activity always comes to an end.
    """
    done = Event()

    def beat() -> None:
        while not done.wait(INTERVAL_SECONDS):
            activity.heartbeat()

    thread = Thread(target=copy_context().run, args=(beat,), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
