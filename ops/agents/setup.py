"""`sellermind agent list` and `agent create`."""

import sys
from collections.abc import Sequence
from typing import TextIO

import click
from sqlalchemy import Connection

from ops import audit
from ops.database import database
from ops.outcome import ExitCode, VerbFailed
from ops.output import Table, json_option, show
from sellermind.agents.builtin import install
from sellermind.agents.toolbox import TOOLS
from sellermind.models.agents import Agent, AgentSetup, Approval, ToolGrant
from sellermind.models.language import DEFAULT_MODEL
from sellermind.settings import load
from sellermind.storage import agents
from sellermind.storage.engine import transaction


@click.command("list")
@click.option("--company", "company_id", type=click.IntRange(min=1), help="Only those that this company may use.")
@json_option
def list_(*, company_id: int | None, as_json: bool) -> None:
    """The agents, built-in ones first."""
    with database(load()) as engine, transaction(engine) as connection:
        install(connection)
        found = agents.list_agents(connection, company_id)
    rows = [
        (agent.slug, agent.name, str(agent.company_id or "all"), str(agent.version or "-"), agent.description)
        for agent in found
    ]
    show(found, Table(("agent", "name", "company", "version", "does"), rows), as_json=as_json)


@click.command("create")
@click.argument("slug")
@click.option("--name", required=True, help="How people call it.")
@click.option("--prompt", type=click.File(), required=True, help="File with the system prompt; - is stdin.")
@click.option("--description", default="", help="What it does, in a sentence.")
@click.option("--company", "company_id", type=click.IntRange(min=1), help="Only for this company; left out: for all.")
@click.option("--model", "models", multiple=True, help="Model, and those that stand in for it, in order.")
@click.option("--tool", "tools", multiple=True, help=f"NAME or NAME:auto|always|never. {', '.join(TOOLS)}.")
@json_option
def create(
    *,
    slug: str,
    name: str,
    prompt: TextIO,
    description: str,
    company_id: int | None,
    models: Sequence[str],
    tools: Sequence[str],
    as_json: bool,
) -> None:
    """Make an agent, or a new version of the one called SLUG; runs under way keep the version they began with."""
    setup = AgentSetup(
        system_prompt=_text(prompt),
        models=tuple(models) or (DEFAULT_MODEL,),
        tools=tuple(_grant(tool) for tool in tools),
    )
    with database(load()) as engine, transaction(engine) as connection:
        install(connection)
        wanted = Agent(id=0, slug=slug, name=name, description=description, company_id=company_id)
        _refuse_moved(connection, wanted)
        agent = agents.save(connection, wanted, setup)
    audit.record("agent create", agent=slug, version=agent.version, company=company_id)
    show(agent, f"Agent {slug} is at version {agent.version}.", as_json=as_json)


def _text(prompt: TextIO) -> str:
    text = prompt.read() if prompt is not sys.stdin or not sys.stdin.isatty() else ""
    longest = 50_000
    if not text.strip() or len(text) > longest:
        raise VerbFailed(ExitCode.USAGE, f"A system prompt has 1 to {longest} characters; this one has {len(text)}.")
    return text


def _grant(tool: str) -> ToolGrant:
    name, _, approval = tool.partition(":")
    if name not in TOOLS:
        raise VerbFailed(ExitCode.NOT_FOUND, f"There is no tool {name}. The tools: {', '.join(TOOLS)}.")
    kinds = [each.value for each in Approval]
    if approval and approval not in kinds:
        raise VerbFailed(ExitCode.USAGE, f"{tool}: after the colon stands one of {', '.join(kinds)}.")
    return ToolGrant(name=name, approval=Approval(approval or Approval.AUTO))


def _refuse_moved(connection: Connection, wanted: Agent) -> None:
    """An agent keeps its company: another company's runs would change without its knowing."""
    for before in agents.list_agents(connection):
        if before.slug == wanted.slug and before.company_id != wanted.company_id:
            owner = f"company {before.company_id}" if before.company_id else "all companies"
            raise VerbFailed(ExitCode.REFUSED, f"The agent {before.slug} is for {owner}; take another name.")
