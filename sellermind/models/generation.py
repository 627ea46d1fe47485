"""Generation tasks: what a batch is asked to make, its items, and how it ended."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from sellermind.models.language import Finish
from sellermind.models.payload import Payload
from sellermind.models.products import Language, Shelf

MOST_ITEMS = 10_000
"""Items of one task: a company's whole catalogue."""

Quality = Literal["low", "medium", "high"]


class GenerationType(StrEnum):
    """Values of `generation_tasks.type`."""

    CARDS = "cards_bulk"
    DESCRIPTIONS = "descriptions_update"
    IMAGES = "images_bulk"


class TaskStatus(StrEnum):
    """Values of `generation_tasks.status`: SellerMind's four, and ours."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ItemState(StrEnum):
    """Values of `generation_items.state`. An item that is pending may have answers that are paid already."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class ProductRef(Payload):
    """A product, as SellerMind's web application writes it into `input_data`."""

    id: int


class CardsInput(Payload):
    """`input_data` of cards_bulk."""

    products: tuple[ProductRef, ...] = Field(min_length=1, max_length=MOST_ITEMS)
    marketplace: Shelf = Shelf.UNIVERSAL
    language: Language = Language.RUSSIAN


class DescriptionsInput(Payload):
    """`input_data` of descriptions_update."""

    description_ids: tuple[int, ...] = Field(min_length=1, max_length=MOST_ITEMS)
    prompt: str = Field(min_length=1, max_length=4000)


class ImagesInput(Payload):
    """`input_data` of images_bulk; an empty prompt asks for a photo of the product."""

    products: tuple[ProductRef, ...] = Field(min_length=1, max_length=MOST_ITEMS)
    prompt: str = Field(default="", max_length=4000)
    quality: Quality = "medium"


class ProcessTask(Payload):
    """Input of the workflow: a row of `generation_tasks`."""

    task_id: int


class GenerationPlan(Payload):
    """What is left to do: at most one batch of items, and who may make them."""

    models: tuple[str, ...]
    """In the order in which they are asked."""
    items: tuple[int, ...]
    more: bool = False
    """There are items beyond this batch."""


class GenerateItem(Payload):
    """Make one item with one model."""

    task_id: int
    item_id: int
    model: str


class ItemOutcome(Payload):
    """How one item stands after the activity."""

    item_id: int
    state: ItemState


class FailItem(Payload):
    """Write down that no model could make an item."""

    item_id: int
    error_code: str
    message: str


class FinishTask(Payload):
    """Close a task."""

    task_id: int
    cancelled: bool = False
    reason: str | None = None
    """Why the rest was not tried, if it was not."""


class GenerationReport(Payload):
    """How a task stands: counts of its items, and what its calls cost."""

    status: TaskStatus
    total: int = 0
    succeeded: int = 0
    failed: int = 0
    skipped: int = 0
    """Not tried: the task was stopped before."""
    cost_micros: int = 0
    reason: str | None = None


class GenerationTask(Payload):
    """One row of `generation_tasks`."""

    id: int
    company_id: int
    user_id: int | None
    type: str
    status: TaskStatus
    input: dict[str, Any]
    progress: int
    total: int
    succeeded: int
    failed: int
    cost_micros: int
    error_message: str | None
    created_at: datetime | None
    updated_at: datetime | None


class ModelReply(Payload):
    """One answer that was paid for, kept in its item so that it is never paid for again."""

    asked: str
    """The model as it was asked for; `model` is the one that answered."""
    model: str
    text: str
    finish: Finish
    problems: tuple[str, ...] = ()
    """What is wrong with it; nothing if it is good."""


class GenerationItem(Payload):
    """One row of `generation_items`."""

    id: int
    task_id: int
    key: str
    product_id: int
    description_id: int | None
    state: ItemState
    replies: tuple[ModelReply, ...] = ()
    output: dict[str, Any] | None = None
    error_code: str | None = None
    error_message: str | None = None

    def replies_of(self, model: str) -> list[ModelReply]:
        """A model's answers, in order, by the name under which it was asked."""
        return [reply for reply in self.replies if reply.asked == model]


class WholeDescription(Payload):
    """One version of a product's texts with all of its columns; what SellerMind wrote is carried over as it is."""

    product_id: int
    marketplace: Shelf
    language: Language
    title: str
    short_description: str | None = None
    full_description: str | None = None
    bullets: list[Any] | None = None
    attributes: dict[str, Any] | list[Any] | None = None
    keywords: list[Any] | None = None


class StoredImage(Payload):
    """A picture in the media folder."""

    key: str
    """Path below the folder, as `product_images.file_path` has it."""
    sha256: str
    size: int
