"""Tasks and runs of agents: who runs what, how it stands, what it has used."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from sellermind.errors import RecordGone, Refused
from sellermind.models.agent_records import NewRun, Run
from sellermind.models.agent_runs import LONGEST_MESSAGE, RunStatus, Spent
from sellermind.models.agents import Agent, RunBudget, Scope
from sellermind.models.language import TokenUsage
from sellermind.storage import agents
from sellermind.storage.tables.accounts import marketplace_accounts
from sellermind.storage.tables.agents import agent_task_runs, agent_tasks

LONGEST_TITLE = 255
LONGEST_SUMMARY = 200
LIVE = frozenset({RunStatus.PENDING, RunStatus.RUNNING, RunStatus.WAITING_APPROVAL})

_run = agent_task_runs.c
_task = agent_tasks.c


def create(connection: Connection, agent: Agent, wanted: NewRun) -> Run:
    """Make a task and its first run, not yet started.

    Args:
        connection: inside a transaction.
        agent: who works; its present version is kept for the run.
        wanted: what it shall do, and for whom.

    Raises:
        Refused: the agent is switched off, an account is not the company's, or the text is empty or too long.
    """
    check_text(wanted.text)
    if not agent.is_active:
        raise Refused(f"The agent {agent.slug} is switched off.")
    _check_accounts(connection, wanted.company_id, wanted.account_ids)
    now = datetime.now(UTC)
    whose = {"user_id": wanted.user_id, "company_id": wanted.company_id, "created_at": now, "updated_at": now}
    title = wanted.text.strip().splitlines()[0][:LONGEST_TITLE]
    task = insert(agent_tasks).values(title=title, description=wanted.text, agent_id=agent.id, **whose)
    run = insert(agent_task_runs).values(
        agent_task_id=connection.execute(task).lastrowid,
        agent_version_id=agents.pin(connection, agent.id),
        account_ids=None if wanted.account_ids is None else list(wanted.account_ids),
        budget=wanted.budget.model_dump() if wanted.budget else None,
        **whose,
    )
    return get(connection, int(connection.execute(run).lastrowid))


def check_text(text: str) -> None:
    """Refuse a message that no run takes.

    Raises:
        Refused: it is empty or too long.
    """
    if not text.strip() or len(text) > LONGEST_MESSAGE:
        raise Refused(f"A message has 1 to {LONGEST_MESSAGE} characters that say something; this one has {len(text)}.")


def get(connection: Connection, run_id: int, company_id: int | None = None) -> Run:
    """Read a run.

    Args:
        connection: inside a transaction.
        run_id: row of `agent_task_runs`.
        company_id: who asks; another company's run is as good as missing.

    Raises:
        RecordGone: there is none.
    """
    return _one(connection, run_id, company_id, locked=False)


def lock(connection: Connection, run_id: int) -> Run:
    """Read a run and hold its row until the transaction ends.

    Raises:
        RecordGone: there is none.
    """
    return _one(connection, run_id, None, locked=True)


def first_text(connection: Connection, run: Run) -> str:
    """The task in words, with its input: the message that a run begins with."""
    query = select(_task.title, _task.description, _task.input_payload, _task.product_id).where(_task.id == run.task_id)
    task = connection.execute(query).one()
    parts = [task.description or task.title]
    if task.product_id:
        parts.append(f"Product: {task.product_id}")
    if task.input_payload:
        parts.append(f"Input: {json.dumps(task.input_payload, ensure_ascii=False)}")
    return "\n\n".join(parts)


def scope(connection: Connection, run: Run) -> Scope:
    """What a run may see: the accounts of its company, or those of them that it was given."""
    account = marketplace_accounts.c
    owned = connection.execute(select(account.id).where(account.company_id == run.company_id).order_by(account.id))
    ids = [account_id for account_id in owned.scalars() if run.account_ids is None or account_id in run.account_ids]
    return Scope(company_id=run.company_id, account_ids=tuple(ids), run_id=run.id)


def waiting_for_approval(connection: Connection) -> frozenset[int]:
    """The runs that wait for a person."""
    query = select(_run.id).where(_run.status == RunStatus.WAITING_APPROVAL.value)
    return frozenset(connection.execute(query).scalars())


def set_status(
    connection: Connection,
    run_id: int,
    status: RunStatus,
    *,
    summary: str | None = None,
    error_code: str | None = None,
    error_message: str | None = None,
) -> None:
    """Write how a run stands; a live status takes the last ending back."""
    now = datetime.now(UTC)
    values: dict[str, Any] = {"status": status.value, "error_code": error_code, "error_message": error_message}
    values |= {"finished_at": None if status in LIVE else now, "updated_at": now}
    if summary is not None:
        values["result_summary"] = summary[:LONGEST_SUMMARY]
    connection.execute(update(agent_task_runs).where(_run.id == run_id).values(**values))
    started = update(agent_task_runs).where(_run.id == run_id, _run.started_at.is_(None))
    if status is not RunStatus.PENDING:
        connection.execute(started.values(started_at=now))


def raise_budget(connection: Connection, run: Run, budget: RunBudget) -> None:
    """Give a run another budget."""
    connection.execute(update(agent_task_runs).where(_run.id == run.id).values(budget=budget.model_dump()))


def add_step(connection: Connection, run_id: int, usage: TokenUsage, cost: int | None, active_ms: int) -> None:
    """Count one model call into the run."""
    connection.execute(
        update(agent_task_runs)
        .where(_run.id == run_id)
        .values(
            steps=_run.steps + 1,
            tokens_input=_run.tokens_input + usage.input,
            tokens_output=_run.tokens_output + usage.output,
            tokens_cached=_run.tokens_cached + usage.cached,
            cost_micros=_run.cost_micros + (cost or 0),
            active_ms=_run.active_ms + active_ms,
        )
    )


def add_tool_call(connection: Connection, run_id: int, active_ms: int) -> None:
    """Count one executed tool call into the run."""
    connection.execute(
        update(agent_task_runs)
        .where(_run.id == run_id)
        .values(tool_calls=_run.tool_calls + 1, active_ms=_run.active_ms + active_ms)
    )


def _check_accounts(connection: Connection, company_id: int, account_ids: Sequence[int] | None) -> None:
    account = marketplace_accounts.c
    for account_id in account_ids or ():
        query = select(account.id).where(account.id == account_id, account.company_id == company_id)
        if connection.execute(query).one_or_none() is None:
            raise Refused(f"Company {company_id} has no account {account_id}: `sellermind account list` shows them.")


def _one(connection: Connection, run_id: int, company_id: int | None, *, locked: bool) -> Run:
    query = select(agent_task_runs).where(_run.id == run_id)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    gone = RecordGone(f"There is no agent run {run_id}.")
    if row is None:
        raise gone
    if row.agent_version_id is None or row.company_id is None:
        row = _adopt(connection, row)
    if company_id is not None and row.company_id != company_id:
        raise gone
    return _read(connection, row)


def _adopt(connection: Connection, row: Row[Any]) -> Row[Any]:
    """Complete a run that SellerMind's application made: its company from the task, the agent's present version.

    Raises:
        Refused: its task names no company, so nobody's data is its own.
    """
    query = select(_task.company_id, _task.user_id, _task.agent_id).where(_task.id == row.agent_task_id)
    task = connection.execute(query).one()
    if task.company_id is None:
        raise Refused(f"The task of run {row.id} has no company: set agent_tasks.company_id first.")
    values = {
        "company_id": task.company_id,
        "user_id": task.user_id,
        "agent_version_id": agents.pin(connection, task.agent_id),
    }
    connection.execute(update(agent_task_runs).where(_run.id == row.id).values(**values))
    return connection.execute(select(agent_task_runs).where(_run.id == row.id)).one()


def _read(connection: Connection, row: Row[Any]) -> Run:
    setup = agents.setup(connection, row.agent_version_id)
    return Run(
        id=row.id,
        task_id=row.agent_task_id,
        company_id=row.company_id,
        user_id=row.user_id,
        status=row.status,
        setup=setup,
        budget=RunBudget.model_validate(row.budget) if row.budget else setup.budget,
        account_ids=None if row.account_ids is None else tuple(row.account_ids),
        spent=Spent.model_validate(row._mapping),
        active_ms=row.active_ms,
        summary=row.result_summary,
        error_code=row.error_code,
        error_message=row.error_message,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
