"""Tables about what models cost: SellerMind's `ai_usage_logs`, and our budgets."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, Numeric, String, Table, UniqueConstraint, text

from sellermind.storage.tables.columns import (
    DOCUMENT,
    ID,
    METADATA,
    MYSQL_OPTIONS,
    UtcDateTime,
    exact,
    row_id,
    timestamps,
)

# One row per call. `step_key` names the attempt of the step it was made for; `cost_micros` is NULL where nobody said
# a price; a row whose `outcome` is `lost` is a call that was under way when its worker died.
ai_usage_logs = Table(
    "ai_usage_logs",
    METADATA,
    row_id(),
    Column("company_id", ID, nullable=False),
    Column("user_id", ID),
    Column("model", String(50), nullable=False),
    Column("tokens_input", Integer, nullable=False, server_default=text("0")),
    Column("tokens_output", Integer, nullable=False, server_default=text("0")),
    Column("images_generated", Integer, nullable=False, server_default=text("0")),
    Column("cost_estimated", Numeric(10, 6), nullable=False, server_default=text("0")),
    Column("meta", DOCUMENT),
    Column("provider", String(20)),
    Column("agent_task_run_id", ID),
    Column("generation_task_id", ID),
    Column("step_key", exact(191)),
    Column("tokens_cached", Integer, nullable=False, server_default=text("0")),
    Column("cost_micros", BigInteger),
    Column("latency_ms", Integer),
    Column("outcome", String(30)),
    *timestamps(),
    Index("ai_usage_logs_company_idx", "company_id", "created_at"),
    Index("ai_usage_logs_run_idx", "agent_task_run_id"),
    UniqueConstraint("step_key", name="ai_usage_logs_step_unique"),
    **MYSQL_OPTIONS,
)

# One row per company and day (UTC). A limit of NULL is the installation's (SELLERMIND_AI_DAILY_…).
ai_budgets = Table(
    "ai_budgets",
    METADATA,
    Column("company_id", ID, primary_key=True, autoincrement=False),
    Column("day", Date, primary_key=True),
    Column("limit_micros", BigInteger),
    Column("limit_tokens", BigInteger),
    Column("spent_micros", BigInteger, nullable=False, server_default=text("0")),
    Column("reserved_micros", BigInteger, nullable=False, server_default=text("0")),
    Column("spent_tokens", BigInteger, nullable=False, server_default=text("0")),
    Column("reserved_tokens", BigInteger, nullable=False, server_default=text("0")),
    **MYSQL_OPTIONS,
)

# What a step may use at most, taken from its company's day before the call and given back with the answer.
ai_reservations = Table(
    "ai_reservations",
    METADATA,
    Column("step_key", exact(191), primary_key=True),
    Column("company_id", ID, nullable=False),
    Column("day", Date, nullable=False),
    Column("micros", BigInteger, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    **MYSQL_OPTIONS,
)
