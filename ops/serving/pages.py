"""What the server answers: the seed's health JSON, and metrics as Prometheus reads them; ids of accounts, no names."""

from collections.abc import Iterator
from datetime import UTC, datetime

from ops.accounts.tokens import WARN_BEFORE
from ops.queues.overview import DRIVER
from ops.serving.standing import Standing
from ops.serving.watch import Look

MOST_ACCOUNTS = 1000
"""More accounts than this get no line each in the metrics, but for tokens that end soon: each line has its price."""

UNHEALTHY = "unhealthy"


def health(look: Look) -> dict[str, object]:
    """The body of `/api/health/queue`: the seed's keys, and the queues, freshness and age beside them."""
    answer: dict[str, object] = {"driver": DRIVER}
    standing = look.standing
    if standing is None:
        checked_at = datetime.now(UTC)
        answer |= {"status": UNHEALTHY, "error": look.error}
    else:
        checked_at, overview = standing.checked_at, standing.overview
        answer |= {"status": overview.status, "pending": overview.pending, "failed": overview.failed}
        answer |= {"stuck": overview.stuck, "queues": {queue.queue: {
            "backlog": queue.backlog,
            "oldest_seconds": queue.oldest_seconds,
            "workers": queue.workers,
            "paused": queue.paused,
        } for queue in overview.queues}}  # fmt: skip
        answer |= {"freshness": {"syncs": len(standing.records.syncs), "stale": standing.records.stale}}
    return answer | {"checked_at": checked_at.isoformat(timespec="seconds"), "age_seconds": round(look.age, 1)}


def metrics(look: Look) -> str:
    """The body of `/metrics`."""
    lines = ["# TYPE sellermind_up gauge", f"sellermind_up {int(look.standing is not None)}"]
    if look.standing:
        lines += _of_runs(look.standing)
        lines += _of_queues(look.standing)
        lines += _of_schedules(look.standing)
        lines += _of_syncs(look.standing)
        lines += _of_tokens(look.standing)
    return "\n".join(lines) + "\n"


def _of_runs(standing: Standing) -> Iterator[str]:
    overview = standing.overview
    for name, value in (
        ("runs_pending", overview.pending),
        ("failed_current", overview.failed),
        ("runs_stuck", overview.stuck),
        ("syncs_stale", standing.records.stale),
        ("agents_waiting_for_approval", len(standing.records.waiting)),
    ):
        yield f"# TYPE sellermind_{name} gauge"
        yield f"sellermind_{name} {value}"


def _of_queues(standing: Standing) -> Iterator[str]:
    for name in ("backlog", "oldest_seconds", "workers", "slots", "slots_used", "paused"):
        yield f"# TYPE sellermind_queue_{name} gauge"
        for queue in standing.overview.queues:
            yield f'sellermind_queue_{name}{{queue="{queue.queue}"}} {float(getattr(queue, name)):g}'


def _of_schedules(standing: Standing) -> Iterator[str]:
    yield "# TYPE sellermind_schedule_paused gauge"
    for job, paused in standing.paused_schedules.items():
        yield f'sellermind_schedule_paused{{job="{job}"}} {int(paused)}'


def _of_syncs(standing: Standing) -> Iterator[str]:
    syncs = [sync for sync in standing.records.syncs if sync.succeeded_at]
    if len({sync.account_id for sync in syncs}) > MOST_ACCOUNTS:
        return
    yield "# TYPE sellermind_sync_last_success_timestamp gauge"
    for sync in syncs:
        if sync.succeeded_at:
            labels = f'account="{sync.account_id}",job="{sync.job}"'
            yield f"sellermind_sync_last_success_timestamp{{{labels}}} {sync.succeeded_at.timestamp():.0f}"


def _of_tokens(standing: Standing) -> Iterator[str]:
    ends, soon = standing.records.token_ends, standing.checked_at + WARN_BEFORE
    yield "# TYPE sellermind_token_expires_timestamp gauge"
    for account_id, end in ends.items():
        if len(ends) <= MOST_ACCOUNTS or end < soon:
            yield f'sellermind_token_expires_timestamp{{account="{account_id}"}} {end.timestamp():.0f}'
    yield "# TYPE sellermind_token_refused gauge"
    for account_id in sorted(standing.records.refused):
        yield f'sellermind_token_refused{{account="{account_id}"}} 1'
