"""The task queues of the seed: high, default, low."""

from enum import StrEnum


class TaskQueue(StrEnum):
    """Where a job waits for a worker; `python -m workers.high` polls high and default."""

    HIGH = "high"
    DEFAULT = "default"
    LOW = "low"
