"""`python -m workers.default`: works off the queue default."""

from sellermind.queues import TaskQueue
from workers.entry import start

if __name__ == "__main__":
    start(TaskQueue.DEFAULT)
