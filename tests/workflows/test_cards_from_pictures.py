"""Cards written with a look at the product's main picture: both providers, broken pictures, models that do not see."""

import json
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert
from temporalio.testing import WorkflowEnvironment

from sandbox.model.drawing import png
from sellermind.generation.prompts import FIRST_MAX_TOKENS
from sellermind.language.prices import PICTURE_TOKENS
from sellermind.models.generation import TaskStatus
from sellermind.models.language import ModelServer as Entry
from sellermind.models.language import Provider
from sellermind.storage.engine import transaction
from sellermind.storage.media import MediaFolder
from sellermind.storage.tables.generation import product_images
from tests.fixtures.generation import COMPANY, Shop, settings_of, working_shop
from tests.fixtures.model import ModelServer

ON_MARIADB = pytest.mark.parametrize("database", ["mariadb"], indirect=True)
GPT, CLAUDE = "gpt-4o-mini", "claude-haiku-4-5"
MUG = png("a blue mug")
CARD = {
    "title": "Синяя кружка с рисунком",
    "short_description": "Кружка насыщенного синего цвета.",
    "full_description": "Кружка насыщенного синего цвета для чая и кофе. Подойдёт для дома и для подарка близким.",
    "bullets": ["Синий цвет", "Для чая и кофе", "Для дома"],
    "attributes": [{"name": "Цвет", "value": "синий"}],
    "keywords": ["кружка", "синяя кружка", "подарок"],
}


def seeing(engine: Engine, model: ModelServer, media: Path, name: str) -> Any:
    """Settings in which a model sees: the default server's by its variable, another by its entry."""
    entries = {CLAUDE: Entry(provider=Provider.ANTHROPIC, url=model.url, sees=True)}
    return settings_of(engine, model, media, models=entries, model_sees=name == GPT, generation_models=(name,))


def show(shop: Shop, product: int, path: str, **more: object) -> None:
    """Give a product a picture."""
    row = {"company_id": COMPANY, "product_id": product, "file_path": path, **more}
    with transaction(shop.engine) as connection:
        connection.execute(insert(product_images).values(**row))


def pictures_of(body: dict[str, Any]) -> list[bytes]:
    """The pictures of a request, whichever provider's it is."""
    found = []
    for part in (
        part for message in body["messages"] if isinstance(message["content"], list) for part in message["content"]
    ):
        if part["type"] == "image_url":
            found.append(b64decode(part["image_url"]["url"].removeprefix("data:image/png;base64,")))
        if part["type"] == "image":
            assert part["source"]["media_type"] == "image/png"
            found.append(b64decode(part["source"]["data"]))
    return found


@ON_MARIADB
@pytest.mark.parametrize("name", [GPT, CLAUDE])
async def test_a_seeing_model_gets_the_main_picture_and_nothing_keeps_its_bytes(
    time_skipping: WorkflowEnvironment, database: Engine, model_server: ModelServer, tmp_path: Path, name: str
) -> None:
    model_server.script({"contains": sha256(MUG).hexdigest(), "value": CARD})
    settings = seeing(database, model_server, tmp_path, name)
    async with working_shop(time_skipping.client, database, model_server, settings) as shop:
        (product,) = shop.add_products(1)
        show(shop, product, "the first one is not the main one.png", sort_order=0)
        show(shop, product, "another company's.png", is_main=True, company_id=COMPANY + 1)
        show(shop, product, MediaFolder(tmp_path).put(COMPANY, MUG).key, sort_order=5, is_main=True)
        handle = await shop.start(task := shop.cards([product]))
        assert (await handle.result()).status is TaskStatus.DONE
        history = await handle.fetch_history()
    assert [row.title for row in shop.descriptions()] == [CARD["title"]]
    (sent,) = model_server.requests()
    assert pictures_of(sent["body"]) == [MUG]
    (item,), (usage,), stats = shop.items(task), shop.usage(), model_server.stats()
    assert "warnings" not in item.output
    assert (usage.tokens_input, usage.tokens_output) == (stats["prompt_tokens"], stats["completion_tokens"])
    kept = b"".join(event.SerializeToString() for event in history.events)
    kept += json.dumps([item.replies, item.output]).encode()
    assert b"generate_item" in kept
    assert CARD["title"] in json.loads(json.dumps(item.replies))[0]["text"]
    assert MUG not in kept
    assert b64encode(MUG) not in kept


@ON_MARIADB
async def test_a_picture_that_cannot_be_had_leaves_a_card_and_a_warning(
    time_skipping: WorkflowEnvironment, database: Engine, model_server: ModelServer, tmp_path: Path
) -> None:
    media = MediaFolder(tmp_path)
    media.put(COMPANY, MUG)
    (tmp_path / "half.png").write_bytes(MUG[:-20])
    paths = {
        "half.png": "no whole PNG",
        "absent.png": "not in the media folder",
        "../escaped.png": "not in the media folder",
        media.put(COMPANY + 1, png("another company's")).key: "not in the media folder",
        f"{model_server.url}/images/files/a.png": "private network",
        "https://absent.invalid/a.png": "could not be fetched",
    }
    (tmp_path.parent / "escaped.png").write_bytes(MUG)
    settings = seeing(database, model_server, tmp_path, GPT)
    async with working_shop(time_skipping.client, database, model_server, settings) as shop:
        for product, path in zip(ids := shop.add_products(len(paths)), paths, strict=True):
            show(shop, product, path)
        report = await shop.process(task := shop.cards(ids))
    assert (report.status, report.succeeded) == (TaskStatus.DONE, len(paths))
    for item, why in zip(shop.items(task), paths.values(), strict=True):
        (warning,) = item.output["warnings"]
        assert why in warning
    assert [pictures_of(request["body"]) for request in model_server.requests()] == [[]] * len(paths)


@ON_MARIADB
@pytest.mark.parametrize(("name", "refusal"), [(GPT, "bad-request"), (CLAUDE, "bad-request"), (GPT, "context")])
async def test_a_picture_that_the_server_refuses_is_left_out_with_a_warning(
    time_skipping: WorkflowEnvironment,
    database: Engine,
    model_server: ModelServer,
    tmp_path: Path,
    *,
    name: str,
    refusal: str,
) -> None:
    model_server.fault(refusal)
    model_server.script({"value": CARD})
    async with working_shop(
        time_skipping.client, database, model_server, seeing(database, model_server, tmp_path, name)
    ) as shop:
        (product,) = shop.add_products(1)
        show(shop, product, MediaFolder(tmp_path).put(COMPANY, MUG).key)
        report = await shop.process(task := shop.cards([product]))
    assert report.status is TaskStatus.DONE
    assert [pictures_of(request["body"]) for request in model_server.requests()] == [[MUG], []]
    (item,), (usage,) = shop.items(task), shop.usage()
    assert "400" in item.output["warnings"][0]
    assert (usage.outcome, usage.tokens_input) == ("answered", model_server.stats()["prompt_tokens"])


@ON_MARIADB
async def test_a_model_that_does_not_see_gets_text_only_and_nobody_is_warned(
    time_skipping: WorkflowEnvironment, database: Engine, model_server: ModelServer, tmp_path: Path
) -> None:
    settings = seeing(database, model_server, tmp_path, GPT).model_copy(update={"model_sees": False})
    async with working_shop(time_skipping.client, database, model_server, settings) as shop:
        (product,) = shop.add_products(1)
        show(shop, product, MediaFolder(tmp_path).put(COMPANY, MUG).key)
        report = await shop.process(task := shop.cards([product]))
    assert report.status is TaskStatus.DONE
    (sent,), (item,) = model_server.requests(), shop.items(task)
    assert [type(message["content"]) for message in sent["body"]["messages"]] == [str, str]
    assert "picture" not in sent["body"]["messages"][0]["content"]
    assert set(item.output) == {"description_id"}


@ON_MARIADB
async def test_a_repair_is_asked_for_with_the_picture_too(
    time_skipping: WorkflowEnvironment, database: Engine, model_server: ModelServer, tmp_path: Path
) -> None:
    model_server.fault("bad-json")
    settings = seeing(database, model_server, tmp_path, GPT)
    async with working_shop(time_skipping.client, database, model_server, settings) as shop:
        (product,) = shop.add_products(1)
        show(shop, product, MediaFolder(tmp_path).put(COMPANY, MUG).key)
        assert (await shop.process(shop.cards([product]))).status is TaskStatus.DONE
    assert [pictures_of(request["body"]) for request in model_server.requests()] == [[MUG], [MUG]]


@ON_MARIADB
async def test_the_tokens_of_a_picture_are_reserved_before_it_is_shown(
    time_skipping: WorkflowEnvironment, database: Engine, model_server: ModelServer, tmp_path: Path
) -> None:
    # The room of an answer and a picture: a question with words in it and a picture never fits.
    most = {"ai_daily_tokens": PICTURE_TOKENS + FIRST_MAX_TOKENS}
    settings = seeing(database, model_server, tmp_path, GPT).model_copy(update=most)
    async with working_shop(time_skipping.client, database, model_server, settings) as shop:
        plain, shown = shop.add_products(2)
        show(shop, shown, MediaFolder(tmp_path).put(COMPANY, MUG).key)
        report = await shop.process(shop.cards([shown]))
        assert (report.status, report.skipped, model_server.requests()) == (TaskStatus.FAILED, 1, [])
        assert "SELLERMIND_AI_DAILY_TOKENS" in (report.reason or "")
        assert (await shop.process(shop.cards([plain]))).status is TaskStatus.DONE
