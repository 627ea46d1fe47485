"""The books around a call that costs money: reserved before it, one row of usage whatever becomes of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from sellermind.models.usage import Amount, Payer
from sellermind.storage import ai_budgets, usage
from sellermind.storage.engine import transaction

NOTHING = Amount(micros=0, tokens=0)


def step_key() -> str:
    """Name of the step that this activity is; its retries are attempts of it."""
    info = activity.info()
    return f"{info.workflow_id}/{info.workflow_run_id}/{info.activity_id}"


def attempt_of(step: str) -> str:
    """Name of this attempt of a step: the key of its usage row."""
    return f"{step}#{activity.info().attempt}"


def write_off(connection: Connection) -> None:
    """Close the books on this workflow's calls whose worker died: what they cost is unknown, what they held is free."""
    for step in usage.lose(connection, f"{activity.info().workflow_id}/"):
        ai_budgets.settle(connection, step, NOTHING)


@contextmanager
def booked(engine: Engine, payer: Payer, step: str, *, model: str, most: Amount, limit: Amount) -> Iterator[None]:
    """Reserve what the block's call may use; a call that fails is noted by its error and costs nothing.

    The one that succeeds is settled by the caller, in the transaction that keeps its answer.

    Args:
        engine: the database.
        payer: whose budget it takes from.
        step: names the step.
        model: as it is asked for.
        most: what the call may use.
        limit: for companies that have none of their own.

    Raises:
        BudgetExceeded: the company's day is spent; the block is not entered.
    """
    with transaction(engine) as connection:
        ai_budgets.reserve(connection, payer.company_id, step, most, limit)
        usage.lose(connection, f"{step}#")
        usage.begin(connection, payer, attempt_of(step), model)
    try:
        yield
    except ApplicationError as failure:
        with transaction(engine) as connection:
            ai_budgets.settle(connection, step, NOTHING)
            usage.fail(connection, attempt_of(step), failure.type or type(failure).__name__)
        raise
