"""One step of a picture item: asked for and paid once, then fetched, stored with its hash, and added to the product."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from activities.image_calls import PaidImages
from sellermind.generation.prompts import image_prompt
from sellermind.language.images import Image
from sellermind.model_errors import LlmInvalidOutput
from sellermind.models.generation import GenerationItem, GenerationTask, ImagesInput, ItemState, ModelReply, StoredImage
from sellermind.models.products import Product
from sellermind.models.usage import Payer
from sellermind.storage import generation_items, products
from sellermind.storage.engine import transaction
from sellermind.storage.media import MediaFolder, kind_of


@dataclass(frozen=True)
class ImageMaker:
    """Makes pictures."""

    engine: Engine
    images: PaidImages
    media: MediaFolder

    def step(self, task: GenerationTask, wanted: ImagesInput, item: GenerationItem, model: str) -> ItemState:
        """Make one product's picture; a picture that is paid for is fetched again, never asked for again.

        Raises:
            RecordGone: the product is gone, or another company's.
            LlmInvalidOutput: there is no picture at the address (any more).
            ApplicationError: as PaidImages.make and ImageModels.fetch.
        """
        with transaction(self.engine) as connection:
            facts = products.find(connection, task.company_id, product_id=item.product_id)
        self.media.check()
        asked = item.replies_of(model)
        reply = asked[-1] if asked else self._ask(task, wanted, item, model, facts)
        stored = self._stored(task.company_id, reply)
        with transaction(self.engine) as connection:
            generation_items.add_image(connection, task.company_id, item, stored, alt_text=facts.name)
            generation_items.settle(connection, item, {"image": stored.key, "sha256": stored.sha256})
        return ItemState.DONE

    def _ask(
        self, task: GenerationTask, wanted: ImagesInput, item: GenerationItem, model: str, facts: Product
    ) -> ModelReply:
        def keep(connection: Connection, image: Image, cost: int | None) -> ModelReply:
            reply = ModelReply(asked=model, model=image.model, text=self._kept(task.company_id, image), finish="stop")
            generation_items.keep_reply(connection, item.id, reply, cost)
            return reply

        payer = Payer(company_id=task.company_id, user_id=task.user_id, generation_task_id=task.id)
        prompt = image_prompt(facts, wanted.prompt, wanted.quality)
        return self.images.make(payer, model, prompt, wanted.quality, keep)

    def _kept(self, company_id: int, image: Image) -> str:
        """What the item keeps of an answer: the address, or the picture itself, stored."""
        if image.content is None:
            return image.url or ""
        return self._put(company_id, image.content).model_dump_json() if kind_of(image.content) else ""

    def _stored(self, company_id: int, reply: ModelReply) -> StoredImage:
        if reply.text.startswith("{"):
            return StoredImage.model_validate_json(reply.text)
        if not reply.text:
            raise LlmInvalidOutput(f"{reply.model} gave something that is no picture.")
        return self._put(company_id, self.images.models.fetch(reply.text))

    def _put(self, company_id: int, content: bytes) -> StoredImage:
        if kind_of(content) is None:
            raise LlmInvalidOutput("What came from the picture's address is no whole PNG, JPEG or WebP.")
        return self.media.put(company_id, content)
