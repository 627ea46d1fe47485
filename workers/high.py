"""`python -m workers.high`: works off the queues high and default."""

from sellermind.queues import TaskQueue
from workers.entry import start

if __name__ == "__main__":
    start(TaskQueue.HIGH)
