"""Calls that made a picture, in `ai_usage_logs`: a picture has a price of its own, beside the tokens of usage.py."""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import Connection, update

from sellermind.models.language import Provider
from sellermind.storage.tables.usage import ai_usage_logs
from sellermind.storage.usage import ANSWERED, MICROS


def finish(connection: Connection, key: str, cost: int | None, latency_ms: int) -> None:
    """Note what a picture came to, None where it has no price; its row was begun by `usage.begin`."""
    connection.execute(
        update(ai_usage_logs)
        .where(ai_usage_logs.c.step_key == key)
        .values(
            provider=Provider.OPENAI.value,
            images_generated=1,
            cost_micros=cost,
            cost_estimated=Decimal(cost or 0) / MICROS,
            latency_ms=latency_ms,
            outcome=ANSWERED,
            updated_at=datetime.now(UTC),
        )
    )
