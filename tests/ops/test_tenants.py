"""Where a verb is told a company, other companies' ids answer word for word as ids that do not exist."""

from collections.abc import Iterator

import click
import pytest
from pydantic import SecretStr
from sqlalchemy import insert, select

from ops.cli import root
from ops.outcome import ExitCode
from sellermind.agents.builtin import install
from sellermind.models.accounts import Marketplace
from sellermind.models.agent_records import NewRun
from sellermind.models.generation import GenerationType, ImagesInput, ProductRef
from sellermind.storage import accounts, agent_runs, agent_turns, agents, generation
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.columns import METADATA
from sellermind.storage.tables.products import product_descriptions, products
from sellermind.vault import TokenVault
from tests.fixtures.command_line import in_process
from tests.fixtures.desk import Desk

KEY = "4nPjAQiYOyNEKk4e0lMFYh1qDv1hbYUCFv7UEnhcjD0="
OWNER, OTHER, MISSING = 7, 8, 987_654
NEW_ORDERS = "SyncNewWildberriesOrders"
VERBS = {
    "account": (
        *(
            "account show {}",
            "account pause {}",
            "account resume {}",
            "account set-token {}",
            "account remove {} --yes",
        ),
        *(f"dispatch {NEW_ORDERS} --account {{}}", f"schedules pause {NEW_ORDERS} --account {{}}"),
        *(f"schedules resume {NEW_ORDERS} --account {{}}", f"schedules trigger {NEW_ORDERS} --account {{}}"),
        "schedules backfill ReconcileWildberriesOrders --since 1d --account {}",
        "agent run general-assistant --message hello --account {}",
    ),
    "task": (
        *("generate show {}", "generate cancel {}", "generate retry {}"),
        "dispatch ProcessGenerationTask --task {}",
    ),
    "run": (
        *("agent show {}", "agent trace {}", "agent cancel {}", "agent continue {} --message hello"),
        *("agent approve {} 1.1.1 --hash 0123456789abcdef", "agent reject {} 1.1.1 --hash 0123456789abcdef"),
        *("dispatch RunAgentTaskRun --run {}", "dispatch ContinueAgentRun --run {} --message hello"),
    ),
    "product": ("generate cards --products {}", "generate images --products {}"),
    "description": ("generate descriptions --prompt Warmer --descriptions {}",),
}
IDS = {"account_id", "account_ids", "run_id", "task_id", "ids", "workflow_id", "products", "descriptions", "slug"}


@pytest.fixture
def theirs(desk: Desk) -> dict[str, int]:
    """One of everything of a company; the other one has an account of its own."""
    desk.environment["SELLERMIND_SECRET_KEYS"] = KEY
    with transaction(desk.engine) as connection:
        account, _ = (
            accounts.add(
                connection,
                company_id=company_id,
                marketplace=Marketplace.WILDBERRIES,
                name="Main",
                token_cipher=TokenVault(SecretStr(KEY), None).seal("a.b.c"),
                shop_ids=(),
            )
            for company_id in (OWNER, OTHER)
        )
        product = connection.execute(insert(products).values(company_id=OWNER, name="Mug", article="M")).lastrowid
        words = {"product_id": product, "title": "Mug", "marketplace": "wb", "language": "ru"}
        text = connection.execute(insert(product_descriptions).values(**words)).lastrowid
        wanted = ImagesInput(products=(ProductRef(id=int(product)),))
        task = generation.create(connection, OWNER, GenerationType.IMAGES, wanted)
        install(connection)
        agent = agents.find(connection, "general-assistant")
        run = agent_runs.create(connection, agent, NewRun(company_id=OWNER, text="hello"))
        agent_turns.enqueue(connection, run.id, "first", "hello")
    return {"account": account, "product": product, "description": text, "task": task, "run": run.id}


def rows(desk: Desk) -> list[tuple[object, ...]]:
    """Everything in the database."""
    with reading(desk.engine) as connection:
        return [tuple(row) for table in METADATA.sorted_tables for row in connection.execute(select(table))]


def test_another_company_s_ids_answer_word_for_word_as_missing_ones(desk: Desk, theirs: dict[str, int]) -> None:
    before, different = rows(desk), {}
    for kind, verbs in VERBS.items():
        for verb in verbs:
            said = []
            for number in (theirs[kind], MISSING):
                line = (*verb.format(number).split(), "--company", str(OTHER))
                ran = in_process(*line, environment=desk.environment, given="a-token")
                said.append((ran.code, (ran.out + ran.err).replace(f" {number}", " N")))
            (code, text) = said[0]
            if said[0] != said[1] or " N" not in text or code not in {ExitCode.NOT_FOUND, ExitCode.REFUSED}:
                different[verb] = said
    assert different == {}
    assert rows(desk) == before


def verbs(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    """Every verb with the names of its parameters."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found
            yield from verbs(found, (*path, name))
    else:
        yield " ".join(path), {parameter.name or "" for parameter in command.params}


def test_every_verb_that_takes_an_id_takes_a_company() -> None:
    by_id = {name: parameters for name, parameters in verbs(root) if parameters & IDS}
    assert {name for name, parameters in by_id.items() if not parameters & {"company", "company_id"}} == set()
    tried = {" ".join(word for word in verb.split()[:2]) for each in VERBS.values() for verb in each}
    tried_in_test_retry = {"queue failed", "queue retry", "queue forget", "queue unstick"}
    tried = {"dispatch" if verb.startswith("dispatch") else verb for verb in tried} | tried_in_test_retry
    assert set(by_id) - tried == {"agent create"}  # it says whose an agent is: a slug is one in the installation
