"""One step of a text item: the next question to one model, its answer kept, judged and, if good, made a version."""

from dataclasses import dataclass, replace
from typing import Self

from sqlalchemy import Connection, Engine
from temporalio.exceptions import ApplicationError

from activities.model_calls import PaidAnswer, PaidModels
from activities.product_pictures import ProductPictures
from sellermind.errors import RecordGone
from sellermind.generation.answers import Verdict, judge
from sellermind.generation.cards import Card, Texts, card_form, new_description, texts_form, updated_description
from sellermind.generation.checks import unchanged
from sellermind.generation.limits import LIMITS
from sellermind.generation.prompts import card_request, source_of, update_request, with_picture
from sellermind.generation.steps import is_last, next_request
from sellermind.generation.trimming import trim
from sellermind.model_errors import LlmBadRequest, LlmContextTooLong, LlmInvalidOutput, LlmTimeout, LlmUnreachable
from sellermind.models.generation import (
    CardsInput,
    DescriptionsInput,
    GenerationItem,
    GenerationTask,
    ItemState,
    ModelReply,
    WholeDescription,
)
from sellermind.models.language import ModelAnswer, ModelRequest
from sellermind.models.products import Language, Product, Shelf
from sellermind.models.usage import Payer
from sellermind.storage import generation_items, product_texts, products
from sellermind.storage.engine import transaction

LONGEST_REPLY = 20_000
"""Characters of an answer that are kept: three times the largest good one."""


@dataclass(frozen=True)
class _Work:
    """An item with all that is needed to ask for it and to judge the answer."""

    request: ModelRequest
    form: type[Texts]
    shelf: Shelf
    language: Language
    product: Product
    old: WholeDescription | None = None
    picture: str | None = None
    """Where the product's main picture is; None: it has none, or is not looked at."""
    warnings: tuple[str, ...] = ()

    def problems_of(self, answer: ModelAnswer) -> tuple[Texts | None, list[str]]:
        """The texts of an answer, and what is wrong with it."""
        if answer.finish == "length":
            return None, ["The answer was cut."]
        if answer.finish == "content_filter":
            return None, ["The model refused."]
        verdict = judge(answer.text, self.form, LIMITS[self.shelf], self.language, source_of(self.request))
        return verdict.texts, self._problems(verdict)

    def trimmed(self, answer: ModelAnswer, problems: list[str]) -> tuple[Texts | None, list[str]]:
        """What is left of an answer without all that is wrong with it, and what is wrong with that."""
        verdict = trim(answer.text, self.form, LIMITS[self.shelf], self.language, source_of(self.request))
        rest = self._problems(verdict)
        return (None if rest else verdict.texts), problems + [f"With that left out: {each}" for each in rest]

    def _problems(self, verdict: Verdict) -> list[str]:
        """What is wrong with texts; of an update also that it changes nothing."""
        return verdict.problems + (unchanged(verdict.texts, self.old) if verdict.texts and self.old else [])

    def unseen(self, reason: ApplicationError) -> Self:
        """The work without a look at the picture, and with the reason."""
        return replace(self, warnings=(f"Written without a look: {reason.message}",))

    def version(self, texts: Texts) -> WholeDescription:
        """The texts as the next version of the product's."""
        if isinstance(texts, Card):
            return new_description(texts, self.product.id, self.shelf, self.language)
        assert self.old is not None  # noqa: S101 - only an update has no whole card
        return updated_description(texts, self.old)


@dataclass(frozen=True)
class TextMaker:
    """Makes cards and descriptions."""

    engine: Engine
    models: PaidModels
    pictures: ProductPictures

    def step(
        self, task: GenerationTask, wanted: CardsInput | DescriptionsInput, item: GenerationItem, model: str
    ) -> ItemState:
        """Ask one model the next question about an item.

        Returns:
            DONE, FAILED (the product is gone), or PENDING: the model may be asked again.

        Raises:
            RecordGone: the product or description is gone, or another company's.
            LlmInvalidOutput, LlmTruncated, LlmContentFilter: this model has had all its chances.
            ApplicationError: as PaidModels.ask.
        """
        with transaction(self.engine) as connection:
            work = _work(connection, task, wanted, item)
        shown = self._shown(work, model)
        try:
            kept = self._ask(task, shown, item, model)
        except (LlmBadRequest, LlmContextTooLong) as refusal:
            if shown.request.picture is None:
                raise
            kept = self._ask(task, work.unseen(refusal), item, model)  # a refused question costs nothing
        if kept.state is ItemState.PENDING:
            next_request(work.request, kept.replies_of(model))  # raises if there is none
        return kept.state

    def _ask(self, task: GenerationTask, work: _Work, item: GenerationItem, model: str) -> GenerationItem:
        request = next_request(work.request, item.replies_of(model))
        payer = Payer(company_id=task.company_id, user_id=task.user_id, generation_task_id=task.id)

        def keep(connection: Connection, paid: PaidAnswer) -> GenerationItem:
            return _keep(connection, work, item, model, paid)

        return self.models.ask(payer, model, request, keep)

    def _shown(self, work: _Work, model: str) -> _Work:
        """The work with the product's picture in its question, where the model sees; or with the reason why not."""
        if work.picture is None or not self.models.models.server(model).sees:
            return work
        try:
            picture = self.pictures.read(work.product.company_id, work.picture)
        except (RecordGone, LlmInvalidOutput, LlmTimeout, LlmUnreachable) as failure:
            return work.unseen(failure)
        return replace(work, request=with_picture(work.request, picture))


def _work(
    connection: Connection, task: GenerationTask, wanted: CardsInput | DescriptionsInput, item: GenerationItem
) -> _Work:
    if isinstance(wanted, CardsInput):
        facts = products.find(connection, task.company_id, product_id=item.product_id)
        card = card_form(wanted.marketplace)
        request = card_request(facts, wanted.marketplace, wanted.language, card)
        picture = products.main_picture(connection, facts)
        return _Work(request, card, wanted.marketplace, wanted.language, facts, picture=picture)
    old = product_texts.get(connection, task.company_id, item.description_id or 0)
    facts = products.find(connection, task.company_id, product_id=old.product_id)
    form = texts_form(old.marketplace)
    request = update_request(old, facts, wanted.prompt, form)
    return _Work(request, form, old.marketplace, old.language, facts, old)


def _keep(connection: Connection, work: _Work, item: GenerationItem, model: str, paid: PaidAnswer) -> GenerationItem:
    """Keep an answer and, if it is good, what it says: all of it in the transaction that pays for it."""
    answer = paid.answer
    texts, problems = work.problems_of(answer)
    good = None if problems else texts
    if problems and is_last(item.replies_of(model), answer.finish):
        good, problems = work.trimmed(answer, problems)
    reply = ModelReply(
        asked=model,
        model=answer.model,
        text=_storable(answer.text[:LONGEST_REPLY]),
        finish=answer.finish,
        problems=tuple(_storable(problem) for problem in problems),
    )
    kept = generation_items.keep_reply(connection, item.id, reply, paid.cost)
    if good is None:
        return kept
    try:
        product = products.find(connection, work.product.company_id, product_id=work.product.id, locked=True)
    except RecordGone as gone:  # deleted while the model wrote; the answer is paid for all the same
        generation_items.fail(connection, item.id, "RecordGone", gone.message)
        return generation_items.get(connection, item.id)
    version = product_texts.add(connection, product, work.version(good), f"generation-item/{item.id}")
    warned = {"warnings": list(work.warnings)} if work.warnings else {}
    generation_items.settle(connection, kept, {"description_id": version.id} | warned)
    return generation_items.get(connection, item.id)


def _storable(text: str) -> str:
    """Half a surrogate pair, which JSON may hold in its escaped form, is no text that a database takes."""
    return text.encode(errors="replace").decode()
