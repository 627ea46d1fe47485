"""Tables about the syncs themselves: SellerMind's log, our cursors and rate budgets."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, text

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

marketplace_sync_logs = Table(
    "marketplace_sync_logs",
    METADATA,
    row_id(),
    Column("marketplace_account_id", ID, ForeignKey("marketplace_accounts.id", ondelete="CASCADE"), nullable=False),
    Column("type", String(50), nullable=False),
    Column("status", String(20), nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("message", Text),
    Column("request_payload", DOCUMENT),
    Column("response_payload", DOCUMENT),
    *timestamps(),
    Index("mp_sync_log_idx", "marketplace_account_id", "type", "status"),
    Index("mp_sync_log_date_idx", "marketplace_account_id", "created_at"),
    **MYSQL_OPTIONS,
)

# One row per account and job. `succeeded_at` is the freshness that operators read; `watermark` is the time up to
# which a job that works by windows has seen everything.
sync_cursors = Table(
    "sync_cursors",
    METADATA,
    Column("marketplace_account_id", ID, primary_key=True, autoincrement=False),
    Column("job", exact(100), primary_key=True),
    Column("run_id", exact(100)),
    Column("cursor", Text),
    Column("pages", Integer, nullable=False, server_default=text("0")),
    Column("fetched", Integer, nullable=False, server_default=text("0")),
    Column("created", Integer, nullable=False, server_default=text("0")),
    Column("changed", Integer, nullable=False, server_default=text("0")),
    Column("unknown", Integer, nullable=False, server_default=text("0")),
    Column("set_aside", Integer, nullable=False, server_default=text("0")),
    Column("sync_log_id", ID),
    Column("started_at", UtcDateTime),
    Column("succeeded_at", UtcDateTime),
    Column("not_before", UtcDateTime),
    Column("watermark", UtcDateTime),
    Column("last_error", Text),
    **MYSQL_OPTIONS,
)

# One row per account and job that an operator has paused; one whose `ends_at` has come counts no more.
job_pauses = Table(
    "job_pauses",
    METADATA,
    Column("marketplace_account_id", ID, primary_key=True, autoincrement=False),
    Column("job", exact(100), primary_key=True),
    Column("paused_by", String(191), nullable=False),
    Column("reason", Text, nullable=False),
    Column("ends_at", UtcDateTime),
    **MYSQL_OPTIONS,
)

# One row per seller: `tat` is the time, in microseconds since 1970, at which its rate budget is full again
# (the theoretical arrival time of the generic cell rate algorithm).
api_budgets = Table(
    "api_budgets",
    METADATA,
    Column("budget_key", exact(191), primary_key=True),
    Column("tat", BigInteger, nullable=False, server_default=text("0")),
    **MYSQL_OPTIONS,
)
