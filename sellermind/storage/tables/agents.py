"""Tables about AI agents: SellerMind's own, with the columns that make runs durable."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from sellermind.storage.tables.columns import (
    DOCUMENT,
    ID,
    LONG_TEXT,
    METADATA,
    MYSQL_OPTIONS,
    UtcDateTime,
    exact,
    row_id,
    timestamps,
)

agents = Table(
    "agents",
    METADATA,
    row_id(),
    Column("name", String(100), nullable=False),
    Column("slug", String(100), nullable=False),
    Column("description", Text),
    Column("system_prompt", LONG_TEXT, nullable=False),
    Column("model", String(100), nullable=False, server_default="gpt-4o-mini"),
    Column("enabled_tools", DOCUMENT),
    Column("is_active", Boolean, nullable=False, server_default=text("1")),
    Column("company_id", ID),  # NULL: every company may use it
    Column("current_version", Integer),
    *timestamps(),
    UniqueConstraint("slug", name="agents_slug_unique"),
    **MYSQL_OPTIONS,
)

# Never changed: a run keeps the version it began with.
agent_versions = Table(
    "agent_versions",
    METADATA,
    row_id(),
    Column("agent_id", ID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("setup", DOCUMENT, nullable=False),
    Column("sha256", exact(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("agent_id", "version", name="agent_versions_unique"),
    **MYSQL_OPTIONS,
)

agent_tasks = Table(
    "agent_tasks",
    METADATA,
    row_id(),
    Column("user_id", ID),
    Column("company_id", ID),
    Column("agent_id", ID, ForeignKey("agents.id", ondelete="CASCADE"), nullable=False),
    Column("product_id", ID),
    Column("title", String(255), nullable=False),
    Column("description", Text),
    Column("type", String(50), nullable=False, server_default="general"),
    Column("input_payload", DOCUMENT),
    Column("status", String(20), nullable=False, server_default="active"),
    *timestamps(),
    **MYSQL_OPTIONS,
)

agent_task_runs = Table(
    "agent_task_runs",
    METADATA,
    row_id(),
    Column("agent_task_id", ID, ForeignKey("agent_tasks.id", ondelete="CASCADE"), nullable=False),
    Column("status", String(20), nullable=False, server_default="pending"),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("result_summary", Text),
    Column("error_message", Text),
    Column("company_id", ID),
    Column("user_id", ID),
    Column("agent_version_id", ID),
    Column("account_ids", DOCUMENT),  # NULL: every account of the company
    Column("next_seq", Integer, nullable=False, server_default=text("1")),
    Column("budget", DOCUMENT),
    Column("steps", Integer, nullable=False, server_default=text("0")),
    Column("tool_calls", Integer, nullable=False, server_default=text("0")),
    Column("tokens_input", BigInteger, nullable=False, server_default=text("0")),
    Column("tokens_output", BigInteger, nullable=False, server_default=text("0")),
    Column("tokens_cached", BigInteger, nullable=False, server_default=text("0")),
    Column("cost_micros", BigInteger, nullable=False, server_default=text("0")),
    Column("active_ms", BigInteger, nullable=False, server_default=text("0")),
    Column("error_code", String(50)),
    *timestamps(),
    Index("agent_task_runs_company_idx", "company_id", "status"),
    **MYSQL_OPTIONS,
)

# A turn is one user message, queued here, and all that it sets off. `branch` counts how often somebody went back into
# it.
agent_turns = Table(
    "agent_turns",
    METADATA,
    Column("agent_task_run_id", ID, primary_key=True, autoincrement=False),
    Column("turn", Integer, primary_key=True, autoincrement=False),
    Column("client_ref", exact(100), nullable=False),
    Column("message", LONG_TEXT, nullable=False),
    Column("state", String(20), nullable=False),
    Column("branch", Integer, nullable=False, server_default=text("0")),
    Column("workflow_run_id", exact(40), nullable=False),
    Column("error_code", String(50)),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    UniqueConstraint("agent_task_run_id", "client_ref", name="agent_turns_ref_unique"),
    **MYSQL_OPTIONS,
)

agent_messages = Table(
    "agent_messages",
    METADATA,
    row_id(),
    Column("agent_task_run_id", ID, ForeignKey("agent_task_runs.id", ondelete="CASCADE"), nullable=False),
    Column("role", String(20), nullable=False),
    Column("content", LONG_TEXT, nullable=False),
    Column("tool_name", String(100)),
    Column("metadata", DOCUMENT),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seq", Integer),
    Column("turn", Integer),
    Column("step", Integer),
    Column("kind", String(20)),
    Column("ref", exact(100)),
    Column("tool_calls", DOCUMENT),
    Column("finish_reason", String(20)),
    Column("provider", String(20)),
    Column("model", String(100)),
    Column("trust", String(20)),
    Column("superseded_at", UtcDateTime),
    Column("workflow_run_id", exact(40)),
    UniqueConstraint("agent_task_run_id", "seq", name="agent_messages_seq_unique"),
    UniqueConstraint(
        "agent_task_run_id", "turn", "step", "kind", "ref", "workflow_run_id", name="agent_messages_step_unique"
    ),
    **MYSQL_OPTIONS,
)

# The ledger: one row per tool call, from the model's wish to its outcome.
agent_tool_calls = Table(
    "agent_tool_calls",
    METADATA,
    Column("agent_task_run_id", ID, primary_key=True, autoincrement=False),
    Column("call_id", exact(40), primary_key=True),
    Column("turn", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("tool", exact(100), nullable=False),
    Column("risk", String(20), nullable=False),
    Column("args", DOCUMENT, nullable=False),
    Column("args_hash", exact(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("idempotency_key", exact(120), nullable=False),
    Column("preview", DOCUMENT),
    Column("result", LONG_TEXT),
    Column("error_code", String(50)),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("decided_by", String(100)),
    Column("decided_at", UtcDateTime),
    Column("note", Text),
    Column("expires_at", UtcDateTime),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    UniqueConstraint("idempotency_key", name="agent_tool_calls_key_unique"),
    Index("agent_tool_calls_state_idx", "state", "expires_at"),
    **MYSQL_OPTIONS,
)
