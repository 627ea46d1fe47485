"""What a company may spend on models in a day: taken before a call, settled after it. One statement decides."""

from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select, update

from sellermind.metrics import count_budget_refusal
from sellermind.model_errors import BudgetExceeded
from sellermind.models.usage import Amount
from sellermind.storage.tables.usage import ai_budgets, ai_reservations
from sellermind.storage.upsert import upsert

_budget = ai_budgets.c
_reserved = ai_reservations.c


def reserve(connection: Connection, company_id: int, step_key: str, most: Amount, limit: Amount) -> None:
    """Take what a step may use from its company's day; a retry of the step keeps what it has.

    Args:
        connection: inside a transaction.
        company_id: who pays.
        step_key: names the step.
        most: what the call may use.
        limit: for companies that have none of their own in `ai_budgets`.

    Raises:
        BudgetExceeded: the day has not that much left.
    """
    now = datetime.now(UTC)
    held = connection.execute(select(_reserved.settled_at).where(_reserved.step_key == step_key)).one_or_none()
    if held is not None and held.settled_at is None:
        return
    _take(connection, company_id, most, limit, now)
    values = {"day": now.date(), "micros": most.micros, "tokens": most.tokens, "settled_at": None}
    if held is None:
        row = values | {"step_key": step_key, "company_id": company_id, "created_at": now}
        connection.execute(insert(ai_reservations).values(**row))
    else:
        connection.execute(update(ai_reservations).where(_reserved.step_key == step_key).values(**values))


def settle(connection: Connection, step_key: str, used: Amount) -> None:
    """Give a step's reservation back, once, and count what an attempt really used, each time.

    Args:
        connection: inside the transaction that keeps the answer.
        step_key: names the step.
        used: by this attempt; one that was given up for lost may answer after its successor did.
    """
    step = select(ai_reservations).where(_reserved.step_key == step_key)
    row = connection.execute(step.with_for_update()).one()
    held = row.settled_at is None
    connection.execute(
        update(ai_budgets)
        .where(_budget.company_id == row.company_id, _budget.day == row.day)
        .values(
            reserved_micros=_budget.reserved_micros - (row.micros if held else 0),
            reserved_tokens=_budget.reserved_tokens - (row.tokens if held else 0),
            spent_micros=_budget.spent_micros + used.micros,
            spent_tokens=_budget.spent_tokens + used.tokens,
        )
    )
    connection.execute(
        update(ai_reservations).where(_reserved.step_key == step_key).values(settled_at=datetime.now(UTC))
    )


def _take(connection: Connection, company_id: int, most: Amount, limit: Amount, now: datetime) -> None:
    key = {"company_id": company_id, "day": now.date()}
    upsert(connection, ai_budgets, [key], key=tuple(key), owned=())
    taken = connection.execute(
        update(ai_budgets)
        .where(_budget.company_id == company_id, _budget.day == now.date())
        .where(
            _budget.spent_micros + _budget.reserved_micros + most.micros
            <= func.coalesce(_budget.limit_micros, limit.micros),
            _budget.spent_tokens + _budget.reserved_tokens + most.tokens
            <= func.coalesce(_budget.limit_tokens, limit.tokens),
        )
        .values(
            reserved_micros=_budget.reserved_micros + most.micros,
            reserved_tokens=_budget.reserved_tokens + most.tokens,
        )
    )
    if not taken.rowcount:
        count_budget_refusal()
        raise BudgetExceeded(
            f"Company {company_id} has spent its models' budget of {now.date()} (UTC): go on tomorrow, or raise "
            "SELLERMIND_AI_DAILY_USD or SELLERMIND_AI_DAILY_TOKENS."
        )
