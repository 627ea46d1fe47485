"""What models cost: a dated table, so that a call is priced as of its day. An unknown one has no price, never a guess.

Micro-dollars (a millionth of a US dollar) for a million tokens. A model of your own gets its price in
SELLERMIND_MODELS.

Read on 2026-11-24. Claude: the models' pages at platform.claude.com/docs (Sonnet 4.5 retires on 2026-11-30); the
cheaper cache reads of Sonnet 5.5, from 2026-10-07 on, as two open-source price lists tell. GPT-4o mini: vercel.com's
list; GPT-4.1: GitHub Copilot's; GPT-4.1 mini, GPT-4o and cached tokens: lists of others that quote OpenAI's. OpenAI's
own page could not be read, and GPT-4o's price before 2024-10-02 not be confirmed. Claude Haiku 5.5 is missing, since
one price is not enough for it: it costs five times as much for a prompt beyond 100,000 tokens.
"""

import re
from dataclasses import dataclass
from datetime import date

from sellermind.models.language import ModelRequest, ModelServer, Provider, TokenUsage
from sellermind.models.usage import Amount

MILLION = 1_000_000
CHARACTERS_PER_TOKEN = 2  # of Cyrillic text; English has twice as many
PICTURE_TOKENS = 5000
"""The most that a picture counts: a 750th of at most 3.75 million pixels (Claude); less at OpenAI's low detail."""


@dataclass(frozen=True)
class Price:
    """Micro-dollars for a million tokens of a model, from a day on."""

    provider: Provider
    model: str
    valid_from: date
    input: int
    cached: int
    output: int


# The day is that of the model or of the change; models of 2026 have one before they came.
PRICES = (
    Price(Provider.OPENAI, "gpt-4o-mini", date(2024, 7, 18), 150_000, 75_000, 600_000),
    Price(Provider.OPENAI, "gpt-4o", date(2024, 5, 13), 5_000_000, 5_000_000, 15_000_000),
    Price(Provider.OPENAI, "gpt-4o", date(2024, 10, 2), 2_500_000, 1_250_000, 10_000_000),
    Price(Provider.OPENAI, "gpt-4.1", date(2025, 4, 14), 2_000_000, 500_000, 8_000_000),
    Price(Provider.OPENAI, "gpt-4.1-mini", date(2025, 4, 14), 400_000, 100_000, 1_600_000),
    Price(Provider.ANTHROPIC, "claude-sonnet-4-5", date(2025, 9, 29), 3_000_000, 300_000, 15_000_000),
    Price(Provider.ANTHROPIC, "claude-sonnet-5", date(2026, 1, 1), 2_000_000, 200_000, 10_000_000),
    Price(Provider.ANTHROPIC, "claude-sonnet-5-5", date(2026, 1, 1), 2_000_000, 200_000, 10_000_000),
    Price(Provider.ANTHROPIC, "claude-sonnet-5-5", date(2026, 10, 7), 2_000_000, 100_000, 10_000_000),
    Price(Provider.ANTHROPIC, "claude-haiku-4-5", date(2025, 10, 15), 1_000_000, 100_000, 5_000_000),
)


def price_of(provider: Provider, model: str, day: date, server: ModelServer | None = None) -> Price | None:
    """The price of a model on a day, or None if nobody said one.

    Args:
        provider: whose model it is.
        model: the provider's name; a dated one (`gpt-4o-mini-2024-07-18`) has its family's price.
        day: the day of the call, UTC.
        server: the model's configuration; prices there win over the table.
    """
    if server is not None and server.input_price is not None and server.output_price is not None:
        cached = server.input_price if server.cached_price is None else server.cached_price
        return Price(provider, model, day, server.input_price, cached, server.output_price)
    fitting = [p for p in PRICES if p.provider is provider and _is(model, p.model) and p.valid_from <= day]
    return max(fitting, key=lambda price: price.valid_from, default=None)


def cost_micros(price: Price | None, usage: TokenUsage) -> int | None:
    """What a call cost, in whole micro-dollars, rounded up; None without a price."""
    if price is None:
        return None
    fresh = usage.input - usage.cached
    total = fresh * price.input + usage.cached * price.cached + usage.output * price.output
    return -(-total // MILLION)


def worst_case(price: Price | None, request: ModelRequest) -> Amount:
    """The most that a call is likely to use; what has no price is reserved in tokens only.

    Args:
        price: of the model that is asked.
        request: what is asked.
    """
    fed = len(request.model_dump_json()) // CHARACTERS_PER_TOKEN + (PICTURE_TOKENS if request.picture else 0)
    micros = cost_micros(price, TokenUsage(input=fed, output=request.max_tokens)) or 0
    return Amount(micros=micros, tokens=fed + request.max_tokens)


def _is(model: str, family: str) -> bool:
    """`gpt-4o-2024-08-06` is of the family gpt-4o; gpt-4o-mini is not, nor is claude-sonnet-5-5 of claude-sonnet-5."""
    return re.fullmatch(re.escape(family) + r"(-\d{4}-?\d{2}-?\d{2})?", model) is not None
