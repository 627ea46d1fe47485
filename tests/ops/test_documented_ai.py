"""docs/json.md on agents and generation: what it shows is what is printed, with a worker of the low queue beside."""

from functools import partial

import anyio
from sqlalchemy import insert

from schedules.apply import register_search_attributes
from sellermind.models.generation import CardsInput, GenerationType, ProductRef
from sellermind.storage import generation
from sellermind.storage.engine import transaction
from sellermind.storage.tables.products import products
from tests.fixtures.agents import COMPANY, TEXT, calling
from tests.fixtures.command_line import Ran, in_process
from tests.fixtures.json_page import chapters, different
from tests.fixtures.model import ModelServer
from tests.fixtures.product import Product

HASH = "0123456789abcdef"
"""Stands in the page for what `agent show` prints."""


def stock(product: Product) -> None:
    """Two products and a generation task that nobody has begun, each with the number that the page has."""
    with transaction(product.engine) as connection:
        for number in (1, 2):
            connection.execute(insert(products).values(id=number, company_id=COMPANY, name="Mug", article=str(number)))
        wanted = CardsInput(products=(ProductRef(id=1),), marketplace="wb", language="ru")
        generation.create(connection, COMPANY, GenerationType.CARDS, wanted)


async def test_every_documented_shape_of_the_ai_is_the_true_one(product: Product, model_server: ModelServer) -> None:
    await register_search_attributes(product.client)
    stock(product)
    saving = calling("save_description", product_id=1, **TEXT)
    model_server.script(saving, saving)
    environment = product.environment | {
        "SELLERMIND_MODEL_URL": model_server.url,
        "SELLERMIND_MODEL_MODE": "tools",
        "SELLERMIND_GENERATION_MODELS": "gpt-4o-mini",
        "SELLERMIND_MEDIA_FOLDER": str(product.folder / "media"),
    }

    async def type_(*words: str) -> Ran:
        typed = partial(in_process, *words, environment=environment, given="You read what buyers write.")
        return await anyio.to_thread.run_sync(typed)

    async def run(words: list[str]) -> Ran:
        if HASH in words:
            (call,) = (await type_("agent", "show", words[2], "--json")).json["waiting"]
            words = [call["hash"] if word == HASH else word for word in words]
        return await type_(*words)

    with product.worker("low", "worker", **environment):
        for _ in range(2):
            ran = await type_("agent", "run", "card-expert", "--company", "7", "--message", "Save it", "--wait")
            assert ran.code == 0, ran.err
        agents, tasks = chapters("agent"), chapters("generate")
        assert await different([*agents, *tasks], run) == {}
    assert (len(agents), len(tasks)) >= (9, 7)
