"""One model call, accounted for: reserved before, settled with its answer, one row of usage whatever happens."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine
from temporalio import activity

from activities.booking import attempt_of, booked, step_key
from sellermind.language.client import PROBE, LanguageModels
from sellermind.language.prices import cost_micros, price_of, worst_case
from sellermind.metrics import count_model_usage
from sellermind.model_errors import LlmBadRequest
from sellermind.models.language import ModelAnswer, ModelRequest
from sellermind.models.usage import Amount, Payer
from sellermind.storage import ai_budgets, usage
from sellermind.storage.engine import transaction

Kept = TypeVar("Kept")
CROWDED = 0.7
"""Share of a model's context, question and room for the answer together."""

LEAST_ROOM = 256
"""Tokens for an answer; a question that leaves less is the server's to refuse."""


@dataclass(frozen=True)
class PaidAnswer:
    """An answer and what it cost, in micro-dollars; None where nobody said a price."""

    answer: ModelAnswer
    cost: int | None


@dataclass(frozen=True)
class _Step:
    """A call about to be made; `key` names the step, and its retries are attempts of it."""

    payer: Payer
    model: str
    request: ModelRequest
    key: str


@dataclass(frozen=True)
class PaidModels:
    """The language models, each call on somebody's account."""

    engine: Engine
    models: LanguageModels
    limit: Amount
    """For a company and day, where `ai_budgets` has none of its own."""

    def ask(
        self, payer: Payer, model: str, request: ModelRequest, keep: Callable[[Connection, PaidAnswer], Kept]
    ) -> Kept:
        """Ask a model inside an activity; the activity's retries are attempts of one step.

        Args:
            payer: whose budget the call takes from.
            model: as agents name it.
            request: what is asked; it gets the step's key.
            keep: stores the answer, in the transaction that settles its price: a stored answer is never paid twice.

        Raises:
            BudgetExceeded: the company's day is spent; nothing was asked.
            ApplicationError: as LanguageModels.complete.
        """
        key, request = step_key(), self._fitted(model, request)
        if request.tools and self.models.mode(model) is None:
            self._probe(_Step(payer, model, PROBE, f"{key}/probe"))
        step = _Step(payer, model, request.model_copy(update={"key": key}), key)
        return self._call(step, lambda: self.models.complete(model, step.request), keep)

    def most(self, model: str, request: ModelRequest) -> Amount:
        """The most that a call is likely to use."""
        server = self.models.server(model)
        price = price_of(server.provider, server.model or model, datetime.now(UTC).date(), server)
        return worst_case(price, request)

    def is_crowded(self, model: str, request: ModelRequest) -> bool:
        """Whether a question fills so much of the model's context that its transcript is shortened beforehand."""
        context = self.models.server(model).context_tokens
        return context is not None and worst_case(None, request).tokens > CROWDED * context

    def _fitted(self, model: str, request: ModelRequest) -> ModelRequest:
        """The request with no more room for the answer than the model's context leaves: some servers refuse it else."""
        context = self.models.server(model).context_tokens
        if context is None:
            return request
        asked = worst_case(None, request.model_copy(update={"form": None}))  # a schema is no part of what it reads
        left = context - (asked.tokens - request.max_tokens)
        return request.model_copy(update={"max_tokens": max(min(request.max_tokens, left), LEAST_ROOM)})

    def _probe(self, step: _Step) -> None:
        """Find out whether the model's server knows tools; that call goes into the books too."""
        with suppress(LlmBadRequest):  # it refuses tools: now it is known
            self._call(step, lambda: self.models.probe(step.model), lambda _connection, _paid: None)

    def _call(
        self, step: _Step, call: Callable[[], ModelAnswer], keep: Callable[[Connection, PaidAnswer], Kept]
    ) -> Kept:
        model, most = self.models.server(step.model).model or step.model, self.most(step.model, step.request)
        with booked(self.engine, step.payer, step.key, model=model, most=most, limit=self.limit):
            answer = call()
        with transaction(self.engine) as connection:
            paid = self._settle(connection, step, answer)
            return keep(connection, paid)

    def _settle(self, connection: Connection, step: _Step, answer: ModelAnswer) -> PaidAnswer:
        server = self.models.server(step.model)
        cost = cost_micros(price_of(answer.provider, answer.model, datetime.now(UTC).date(), server), answer.usage)
        if cost is None:
            activity.logger.warning("model %s has no price: its cost is not counted", answer.model)
        used = Amount(micros=cost or 0, tokens=answer.usage.input + answer.usage.output)
        count_model_usage(answer.model, used.tokens, used.micros)
        ai_budgets.settle(connection, step.key, used)
        usage.finish(connection, attempt_of(step.key), answer, cost)
        return PaidAnswer(answer, cost)
