"""What a picture costs: a dated table like that of the tokens. An unknown model has no price, never a guess.

Micro-dollars for one square picture of 1024 pixels. Read on 2026-11-24: gpt-image-1, and dall-e-3's standard quality,
as threads of community.openai.com quote OpenAI's list. Not confirmed: dall-e-3's high quality, and gpt-image-1-mini,
for which one thread has lower figures (2,176, 8,448 and 33,280).
"""

from dataclasses import dataclass
from datetime import date

from sellermind.models.generation import Quality


@dataclass(frozen=True)
class ImagePrice:
    """Micro-dollars for one picture of a model, from a day on."""

    model: str
    valid_from: date
    low: int
    medium: int
    high: int


IMAGE_PRICES = (
    ImagePrice("dall-e-3", date(2023, 11, 6), 40_000, 40_000, 80_000),
    ImagePrice("gpt-image-1", date(2025, 4, 23), 11_000, 42_000, 167_000),
    ImagePrice("gpt-image-1-mini", date(2025, 10, 6), 5_000, 11_000, 36_000),
)


def image_cost_micros(model: str, quality: Quality, day: date) -> int | None:
    """What one picture of a model costs on a day, None if nobody said a price."""
    fitting = [price for price in IMAGE_PRICES if price.model == model and price.valid_from <= day]
    newest = max(fitting, key=lambda price: price.valid_from, default=None)
    return None if newest is None else {"low": newest.low, "medium": newest.medium, "high": newest.high}[quality]
