"""Task queues as operators see them."""

from sellermind.models.payload import Payload
from sellermind.queues import TaskQueue


class PausedQueue(Payload):
    """A queue that is paused; `mark` says by whom."""

    queue: TaskQueue
    mark: str
