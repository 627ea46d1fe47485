"""One picture, accounted for like a model call: reserved before, settled with its answer, one row of usage."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine
from temporalio import activity

from activities.booking import attempt_of, booked, step_key
from sellermind.language.image_prices import image_cost_micros
from sellermind.language.images import Image, ImageModels
from sellermind.metrics import count_model_usage
from sellermind.models.generation import Quality
from sellermind.models.usage import Amount, Payer
from sellermind.storage import ai_budgets, image_usage
from sellermind.storage.engine import transaction

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class PaidImages:
    """The picture models, each call on somebody's account."""

    engine: Engine
    models: ImageModels
    limit: Amount
    """For a company and day, where `ai_budgets` has none of its own."""

    def make(
        self,
        payer: Payer,
        model: str,
        prompt: str,
        quality: Quality,
        keep: Callable[[Connection, Image, int | None], Kept],
    ) -> Kept:
        """Ask for a picture inside an activity; the activity's retries are attempts of one step.

        Args:
            payer: whose budget it takes from.
            model: the provider's name.
            prompt: what it shows.
            quality: as the task wants it.
            keep: stores the answer, in the transaction that settles its price.

        Raises:
            BudgetExceeded: the company's day is spent; nothing was asked.
            ApplicationError: as ImageModels.make.
        """
        step = step_key()
        cost = image_cost_micros(model, quality, datetime.now(UTC).date())
        price = Amount(micros=cost or 0, tokens=0)
        with booked(self.engine, payer, step, model=model, most=price, limit=self.limit):
            image = self.models.make(model, prompt, quality, step)
        if cost is None:
            activity.logger.warning("model %s has no price: its cost is not counted", model)
        count_model_usage(model, 0, price.micros)
        with transaction(self.engine) as connection:
            ai_budgets.settle(connection, step, price)
            image_usage.finish(connection, attempt_of(step), cost, image.latency_ms)
            return keep(connection, image, cost)
