"""What a worker counts itself, beside the SDK's metrics and at the same address (SELLERMIND_METRICS_ADDRESS).

Counted inside activities only; the SDK adds namespace, queue and activity type. Every label has few values: no
account, no company, no id.
"""

from datetime import timedelta

from temporalio import activity


def count_request(marketplace: str, method: str, status: str) -> None:
    """One request to a marketplace.

    Args:
        marketplace: its name.
        method: HTTP method and route, ids as placeholders.
        status: the answer's status; what happened instead, where there was none.
    """
    _count("sellermind_api_requests", {"marketplace": marketplace, "method": method, "status": status})


def observe_rate_wait(wait: timedelta) -> None:
    """How long a seller's rate budget lets a call wait, or puts it off."""
    if activity.in_activity():
        meter = activity.metric_meter()
        meter.create_histogram_timedelta("sellermind_rate_limit_wait").record(wait)


def count_database_failure(error: str) -> None:
    """One transaction that the database refused or did not answer, by the name that we give it."""
    _count("sellermind_database_failures", {"error": error})


def count_model_call(provider: str, model: str, outcome: str) -> None:
    """One call of a language model; `outcome` is ok, or the name of the error."""
    _count("sellermind_model_calls", {"provider": provider, "model": model, "outcome": outcome})


def count_model_usage(model: str, tokens: int, micros: int) -> None:
    """What one answer used, and what it cost in millionths of a US dollar: counters here are whole numbers."""
    _count("sellermind_model_tokens", {"model": model}, tokens)
    _count("sellermind_model_cost_micros", {"model": model}, micros)


def count_budget_refusal() -> None:
    """One model call that was not made: its company's budget for the day is spent."""
    _count("sellermind_ai_budget_refusals", {})


def _count(name: str, labels: dict[str, str], by: int = 1) -> None:
    if activity.in_activity():
        activity.metric_meter().create_counter(name).add(by, labels)
