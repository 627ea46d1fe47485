"""One picture, accounted for like a model call: reserved before, settled with its answer, one row of usage."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from sellermind.language.image_prices import image_cost_micros
from sellermind.language.images import Image, ImageModels
from sellermind.models.generation import Quality
from sellermind.models.usage import Amount, Payer
from sellermind.storage import ai_budgets, image_usage, usage
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
        info = activity.info()
        key = f"{info.workflow_id}/{info.workflow_run_id}/{info.activity_id}"
        attempt = f"{key}#{info.attempt}"
        cost = image_cost_micros(model, quality, datetime.now(UTC).date())
        with transaction(self.engine) as connection:
            ai_budgets.reserve(connection, payer.company_id, key, Amount(micros=cost or 0, tokens=0), self.limit)
            usage.begin(connection, payer, attempt, model)
        try:
            image = self.models.make(model, prompt, quality, key)
        except ApplicationError as failure:
            with transaction(self.engine) as connection:
                ai_budgets.settle(connection, key, Amount(micros=0, tokens=0))
                usage.fail(connection, attempt, failure.type or type(failure).__name__)
            raise
        with transaction(self.engine) as connection:
            ai_budgets.settle(connection, key, Amount(micros=cost or 0, tokens=0))
            image_usage.finish(connection, attempt, cost, image.latency_ms)
            return keep(connection, image, cost)
