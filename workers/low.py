"""`python -m workers.low`: works off the queue low."""

from sellermind.queues import TaskQueue
from workers.entry import start

if __name__ == "__main__":
    start(TaskQueue.LOW)
