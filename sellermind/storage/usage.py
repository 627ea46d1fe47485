"""Every call of a model, paid or not: rows of `ai_usage_logs`, written before the call and completed after it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select, update

from sellermind.models.language import ModelAnswer
from sellermind.models.usage import Payer
from sellermind.storage.tables.usage import ai_usage_logs
from sellermind.storage.upsert import upsert

ASKED = "asked"
"""The outcome of a call that is under way."""
LOST = "lost"
"""The outcome of a call whose worker died: it may have been paid for, nobody can know how much."""
ANSWERED = "answered"
LONGEST_MODEL = 50
MICROS = Decimal(1_000_000)

_usage = ai_usage_logs.c


def begin(connection: Connection, payer: Payer, key: str, model: str) -> None:
    """Note that a call is about to be made.

    Args:
        connection: in the transaction that reserves its price.
        payer: on whose account.
        key: names this attempt of the step.
        model: as it is asked for; the answer may name another.
    """
    now = datetime.now(UTC)
    row = {
        **payer.model_dump(),
        "step_key": key,
        "model": model[:LONGEST_MODEL],
        "outcome": ASKED,
        "created_at": now,
        "updated_at": now,
    }
    upsert(connection, ai_usage_logs, [row], key=("step_key",), owned=())


def finish(connection: Connection, key: str, answer: ModelAnswer, cost: int | None) -> None:
    """Note what a call came to: the model that really ran, its tokens, its cost; None where it has no price."""
    connection.execute(
        update(ai_usage_logs)
        .where(_usage.step_key == key)
        .values(
            provider=answer.provider.value,
            model=answer.model[:LONGEST_MODEL],
            tokens_input=answer.usage.input,
            tokens_output=answer.usage.output,
            tokens_cached=answer.usage.cached,
            cost_micros=cost,
            cost_estimated=Decimal(cost or 0) / MICROS,
            latency_ms=answer.latency_ms,
            outcome=ANSWERED,
            updated_at=datetime.now(UTC),
        )
    )


def fail(connection: Connection, key: str, outcome: str) -> None:
    """Note that a call failed, by the type of its error."""
    connection.execute(
        update(ai_usage_logs).where(_usage.step_key == key).values(outcome=outcome[:30], updated_at=datetime.now(UTC))
    )


def lose(connection: Connection, prefix: str) -> set[str]:
    """Note that calls under way are given up; one that is answered after all is still entered.

    Args:
        connection: inside a transaction.
        prefix: of the keys: a step's, or a workflow's.

    Returns:
        The steps they were attempts of.
    """
    # Read, then written row by row: a range that is written locks its gaps, where other steps begin.
    asked = select(_usage.step_key).where(_usage.step_key.startswith(prefix, autoescape=True), _usage.outcome == ASKED)
    keys = list(connection.scalars(asked))
    for key in keys:
        fail(connection, key, LOST)
    return {key.rpartition("#")[0] for key in keys}


def of_run(connection: Connection, run_id: int) -> list[Row[Any]]:
    """The calls of an agent's run, in order."""
    query = select(ai_usage_logs).where(_usage.agent_task_run_id == run_id).order_by(_usage.id)
    return list(connection.execute(query))
