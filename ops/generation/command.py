"""`sellermind generate`: have texts and pictures made for a company's products."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
from pydantic import ValidationError
from sqlalchemy import Connection
from temporalio.client import Client

from ops import audit
from ops.database import database
from ops.generation.tasks import cancel, list_tasks, retry, show_task
from ops.generation.waiting import started
from ops.maintenance import standstill
from ops.outcome import ExitCode, VerbFailed
from ops.output import examples, json_option
from ops.temporal import ask
from schedules import generation as work
from sellermind.models.generation import (
    CardsInput,
    DescriptionsInput,
    GenerationTask,
    GenerationType,
    ImagesInput,
    ProductRef,
    Quality,
)
from sellermind.models.payload import Payload
from sellermind.models.products import Language, Shelf
from sellermind.settings import load
from sellermind.storage import generation, product_texts, products
from sellermind.storage.engine import transaction

Verb = TypeVar("Verb", bound=Callable[..., Any])
MOST_NAMED = 5


@click.group(
    "generate",
    epilog=examples(
        "sellermind generate cards --company 7 --products 15,16,17 --marketplace uzum --language uz --wait",
        "sellermind generate descriptions --company 7 --descriptions 4,5 --prompt 'Warmer, for a present'",
        "mysql … -Ne 'SELECT id FROM products' | sellermind generate images --company 7 --products -",
        "sellermind generate retry 42 --wait      (pays only for what is missing)",
        "sellermind generate list --company 7",
        "sellermind generate show 42",
        "sellermind generate cancel 42 --wait",
    ),
)
def command() -> None:
    """Have an AI make product cards, descriptions and pictures: in batches, paid for once, cancelled at any time."""


def _common(verb: Verb) -> Verb:
    """Options that the three making verbs share."""
    verb = json_option(verb)
    verb = click.option("--wait", is_flag=True, help="Show the progress and wait for the end; exit 1 unless done.")(
        verb
    )
    verb = click.option("--user", "user_id", type=int, help="SellerMind's user; its own database wants one.")(verb)
    return click.option("--company", "company_id", type=int, required=True, help="Whose products; it pays.")(verb)


products_option = click.option(
    "--products", required=True, metavar="IDS", help="Ids of products, as 1,2,3; `-` reads them from stdin."
)


@command.command()
@_common
@products_option
@click.option(
    "--marketplace", type=click.Choice([each.value for each in Shelf]), default="universal", show_default=True
)
@click.option("--language", type=click.Choice([each.value for each in Language]), default="ru", show_default=True)
def cards(
    *,
    company_id: int,
    user_id: int | None,
    products: str,
    marketplace: str,
    language: str,
    wait: bool,
    as_json: bool,
) -> None:
    """Write whole cards: title, descriptions, bullets, attributes, keywords, within the marketplace's limits."""
    wanted = _of(CardsInput, products=_refs(products), marketplace=marketplace, language=language)
    task = _make(GenerationType.CARDS, wanted, company_id, user_id)
    started(task, wait=wait, as_json=as_json)


@command.command()
@_common
@click.option("--descriptions", required=True, metavar="IDS", help="Ids of descriptions, as 1,2,3; `-` reads stdin.")
@click.option("--prompt", required=True, help="What to change.")
def descriptions(
    *, company_id: int, user_id: int | None, descriptions: str, prompt: str, wait: bool, as_json: bool
) -> None:
    """Rewrite descriptions by an instruction, as a new version each; the old ones stay."""
    wanted = _of(DescriptionsInput, description_ids=_ids(descriptions), prompt=prompt)
    task = _make(GenerationType.DESCRIPTIONS, wanted, company_id, user_id)
    started(task, wait=wait, as_json=as_json)


@command.command()
@_common
@products_option
@click.option("--prompt", default="", help="What the picture shows; without it, the product on a white background.")
@click.option("--quality", type=click.Choice(["low", "medium", "high"]), default="medium", show_default=True)
def images(
    *, company_id: int, user_id: int | None, products: str, prompt: str, quality: Quality, wait: bool, as_json: bool
) -> None:
    """Make one picture for each product; it is stored at once, for its address at the provider dies."""
    wanted = _of(ImagesInput, products=_refs(products), prompt=prompt, quality=quality)
    task = _make(GenerationType.IMAGES, wanted, company_id, user_id)
    started(task, wait=wait, as_json=as_json)


for other in (retry, cancel, show_task, list_tasks):
    command.add_command(other)


def _make(kind: GenerationType, wanted: Payload, company_id: int, user_id: int | None) -> GenerationTask:
    """Make the task and start its work; Temporal is reached first, so that no task is left that nobody begins."""
    with database(load()) as engine:

        async def begin(client: Client) -> GenerationTask:
            await standstill.refuse(client)
            with transaction(engine) as connection:
                if user_id is None and generation.wants_user(connection):
                    raise VerbFailed(ExitCode.USAGE, "SellerMind's database wants to know who asks: add --user ID.")
                _refuse_strangers(connection, wanted, company_id)
                task = generation.get(connection, generation.create(connection, company_id, kind, wanted, user_id))
            await work.start(client, task)
            return task

        task = ask(begin)
    audit.record("generate", type=kind.value, company=company_id, task=task.id)
    return task


def _refuse_strangers(connection: Connection, wanted: Payload, company_id: int) -> None:
    """Refuse ids that are not the company's: missing ones and other companies' look the same."""
    if isinstance(wanted, DescriptionsInput):
        what, asked = "descriptions", set(wanted.description_ids)
        there = set(product_texts.products_of(connection, company_id, asked))
    elif isinstance(wanted, CardsInput | ImagesInput):
        what, asked = "products", {product.id for product in wanted.products}
        there = products.there(connection, company_id, asked)
    missing = sorted(asked - there)
    if missing:
        named = ", ".join(map(str, missing[:MOST_NAMED])) + (" …" if len(missing) > MOST_NAMED else "")
        raise VerbFailed(ExitCode.NOT_FOUND, f"Company {company_id} has no {what} {named}; leave them out.")


def _refs(text: str) -> tuple[ProductRef, ...]:
    return tuple(ProductRef(id=one) for one in _ids(text))


def _ids(text: str) -> tuple[int, ...]:
    """`1,2 3` → (1, 2, 3); `-` reads stdin; each id once."""
    words = (sys.stdin.read() if text == "-" else text).replace(",", " ").split()
    wrong = next((word for word in words if not (word.isascii() and word.isdigit())), None)
    if wrong is not None or not words:
        raise VerbFailed(ExitCode.USAGE, f"{wrong or 'Nothing'} is no id: write ids as 1,2,3.")
    return tuple(dict.fromkeys(int(word) for word in words))


def _of(form: type[Payload], **fields: object) -> Payload:
    try:
        return form.model_validate(fields)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise VerbFailed(ExitCode.USAGE, f"{told}.") from None
