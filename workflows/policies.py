"""Named activity options: every timeout and retry of the service, one name per kind of call.

Retries are bounded by time, not by three attempts: a frozen worker can eat three attempts while a healthy one
stands idle. The errors themselves say which of them another try cannot heal (sellermind/errors.py).
"""

from datetime import timedelta

from temporalio.common import Priority, RetryPolicy
from temporalio.workflow import ActivityCancellationType, ActivityConfig, LocalActivityConfig

# One account's sync: many pages in one activity, its progress in the database, so a retry goes on where it was.
# The heartbeat comes from a timer; when it stops for 10 s the worker is gone and another one takes over.
MARKETPLACE_SYNC = ActivityConfig(
    start_to_close_timeout=timedelta(minutes=15),
    schedule_to_close_timeout=timedelta(minutes=30),
    heartbeat_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=1)),
)

# A batch of starts: calls to Temporal itself, which its client tries again while the server is away. It goes before the
# syncs that earlier batches started: they wait in the same queue, and a tick's last account should not wait for them.
START_JOBS = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=30),
    schedule_to_close_timeout=timedelta(minutes=10),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)),
    priority=Priority(priority_key=1),
)

# One short transaction. Longer than the database's own time-outs (sellermind/storage/engine.py), so that a retry
# never runs beside its own ghost.
DATABASE_CALL = ActivityConfig(
    start_to_close_timeout=timedelta(minutes=1),
    schedule_to_close_timeout=timedelta(minutes=10),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)),
)

# The same for a step that only reads: its ghost does no harm, so a tick whose worker was killed waits 10 s, not 60.
DATABASE_READ = DATABASE_CALL | ActivityConfig(start_to_close_timeout=timedelta(seconds=10))

# One paid call of a model and what it means for the database. Longer than the longest HTTP deadline
# (SELLERMIND_MODEL_TIMEOUT, 840 s) after a product's picture (20 s); a worker that dies is noticed by its heartbeat.
# Bounded by attempts: a model that fails six times gives way to the next one of its chain.
MODEL_CALL = ActivityConfig(
    start_to_close_timeout=timedelta(minutes=15),
    heartbeat_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=1), maximum_attempts=6
    ),
)

# What a job writes last. A cancellation does not overtake it: the row would say one thing and the run another.
LAST_WORD = DATABASE_CALL | ActivityConfig(cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)

# One tool of an agent: two short transactions. A cancelled run waits for it, so that its ledger tells the truth.
TOOL_CALL = LAST_WORD | ActivityConfig(heartbeat_timeout=timedelta(seconds=10))

# Many short transactions, a heartbeat after each: none takes longer than the database's own time-outs
# (sellermind/storage/engine.py). What six hours are too short for is left to a retry, or to the next day.
REMOVAL = ActivityConfig(
    start_to_close_timeout=timedelta(hours=6),
    schedule_to_close_timeout=timedelta(hours=7),
    heartbeat_timeout=timedelta(minutes=1),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=5)),
)

# One call to Temporal itself, made by the worker that runs the workflow.
QUEUE_LIMIT = LocalActivityConfig(
    start_to_close_timeout=timedelta(seconds=10),
    schedule_to_close_timeout=timedelta(hours=1),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)),
)
