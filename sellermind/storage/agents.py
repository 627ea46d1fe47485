"""Agents and their versions: the row is what people edit, a version is what a run keeps."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from sellermind.errors import RecordGone
from sellermind.models.agents import Agent, AgentSetup, ToolGrant
from sellermind.storage.tables.agents import agent_versions, agents

_agent = agents.c
_version = agent_versions.c


def list_agents(connection: Connection, company_id: int | None = None) -> list[Agent]:
    """All agents in order of id, or those that a company may use."""
    query = select(agents).order_by(_agent.id)
    if company_id is not None:
        query = query.where(_open_to(company_id))
    return [_read(row) for row in connection.execute(query)]


def find(connection: Connection, slug: str, company_id: int | None = None) -> Agent:
    """Read an agent.

    Args:
        connection: inside a transaction.
        slug: its short name.
        company_id: the company that wants it; another company's agent is as good as missing.

    Raises:
        RecordGone: there is none.
    """
    query = select(agents).where(_agent.slug == slug)
    row = connection.execute(query if company_id is None else query.where(_open_to(company_id))).one_or_none()
    if row is None:
        raise RecordGone(f"There is no agent {slug!r}: `sellermind agent list` shows them.")
    return _read(row)


def save(connection: Connection, wanted: Agent, setup: AgentSetup) -> Agent:
    """Make an agent, or a new version of the one with that slug; an unchanged setup makes none.

    Args:
        connection: inside a transaction.
        wanted: slug, name, description, company; its id is not looked at.
        setup: how it behaves.
    """
    now = datetime.now(UTC)
    values = {
        "name": wanted.name,
        "description": wanted.description or None,
        "system_prompt": setup.system_prompt,
        "model": setup.models[0],
        "enabled_tools": [grant.name for grant in setup.tools],
        "company_id": wanted.company_id,
        "is_active": wanted.is_active,
        "updated_at": now,
    }
    agent_id = connection.execute(select(_agent.id).where(_agent.slug == wanted.slug)).scalar_one_or_none()
    if agent_id is None:
        made = connection.execute(insert(agents).values(slug=wanted.slug, created_at=now, **values))
        agent_id = int(made.lastrowid)
    else:
        connection.execute(update(agents).where(_agent.id == agent_id).values(**values))
    _keep(connection, agent_id, setup, now)
    return find(connection, wanted.slug)


def pin(connection: Connection, agent_id: int) -> int:
    """The id of the version that the agent's row is now; made if SellerMind's application changed the row.

    Raises:
        RecordGone: there is no such agent.
    """
    row = connection.execute(select(agents).where(_agent.id == agent_id).with_for_update()).one_or_none()
    if row is None:
        raise RecordGone(f"There is no agent {agent_id}.")
    last = _latest(connection, agent_id)
    known = AgentSetup.model_validate(last.setup) if last else None
    return _keep(connection, agent_id, _setup_of(row, known), datetime.now(UTC))


def setup(connection: Connection, version_id: int) -> AgentSetup:
    """The setup of a version.

    Raises:
        RecordGone: there is no such version.
    """
    stored = connection.execute(select(_version.setup).where(_version.id == version_id)).scalar_one_or_none()
    if stored is None:
        raise RecordGone(f"There is no version {version_id} of any agent.")
    return AgentSetup.model_validate(stored)


def _keep(connection: Connection, agent_id: int, wanted: AgentSetup, now: datetime) -> int:
    last = _latest(connection, agent_id)
    if last is not None and last.sha256 == wanted.sha256:
        return int(last.id)
    number = last.version + 1 if last else 1
    made = connection.execute(
        insert(agent_versions).values(
            agent_id=agent_id,
            version=number,
            setup=wanted.model_dump(mode="json"),
            sha256=wanted.sha256,
            created_at=now,
        )
    )
    connection.execute(update(agents).where(_agent.id == agent_id).values(current_version=number))
    return int(made.lastrowid)


def _latest(connection: Connection, agent_id: int) -> Row[Any] | None:
    query = select(agent_versions).where(_version.agent_id == agent_id).order_by(_version.version.desc()).limit(1)
    return connection.execute(query).one_or_none()


def _setup_of(row: Row[Any], last: AgentSetup | None) -> AgentSetup:
    """What the row says, with the grants, fallback models and budget of the last version."""
    grants = {grant.name: grant for grant in last.tools} if last else {}
    tools = tuple(grants.get(name, ToolGrant(name=name)) for name in row.enabled_tools or ())
    models = (row.model, *(last.models[1:] if last else ()))
    known = last or AgentSetup(system_prompt=row.system_prompt)
    return known.model_copy(update={"system_prompt": row.system_prompt, "models": models, "tools": tools})


def _open_to(company_id: int) -> Any:
    return or_(_agent.company_id.is_(None), _agent.company_id == company_id)


def _read(row: Row[Any]) -> Agent:
    return Agent(
        id=row.id,
        slug=row.slug,
        name=row.name,
        description=row.description or "",
        company_id=row.company_id,
        is_active=row.is_active,
        version=row.current_version,
    )
