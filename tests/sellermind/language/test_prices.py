"""Prices: dated, integer, never invented."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellermind.language.prices import PRICES, cost_micros, price_of, worst_case
from sellermind.models.language import ChatMessage, ModelRequest, ModelServer, Provider, TokenUsage

DAY = date(2026, 11, 24)


def test_a_dated_name_has_its_family_s_price_and_a_longer_family_is_another() -> None:
    dated = price_of(Provider.OPENAI, "gpt-4o-2024-08-06", DAY)
    assert dated is not None
    assert dated.input == 2_500_000
    mini = price_of(Provider.OPENAI, "gpt-4o-mini-2024-07-18", DAY)
    assert mini is not None
    assert mini.input == 150_000


def test_a_new_generation_has_its_own_price_and_its_changes() -> None:
    day = date(2026, 10, 7)
    assert price_of(Provider.ANTHROPIC, "claude-haiku-4-5-20251001", day) is not None
    assert price_of(Provider.ANTHROPIC, "claude-haiku-4-5-5", day) is None
    reads = [price_of(Provider.ANTHROPIC, "claude-sonnet-5-5", when) for when in (date(2026, 10, 6), day)]
    assert [price and price.cached for price in reads] == [200_000, 100_000]


def test_a_call_is_priced_as_of_its_day() -> None:
    before, after = (price_of(Provider.OPENAI, "gpt-4o", day) for day in (date(2024, 9, 1), DAY))
    assert before is not None
    assert after is not None
    assert (before.input, after.input) == (5_000_000, 2_500_000)
    assert price_of(Provider.OPENAI, "gpt-4o", date(2020, 1, 1)) is None


@pytest.mark.parametrize("model", ["gpt-4o-audio", "qwen", "", "gpt-4"])
def test_an_unknown_model_has_no_price_and_no_cost(model: str) -> None:
    price = price_of(Provider.OPENAI, model, DAY)
    assert price is None
    assert cost_micros(price, TokenUsage(input=1000, output=1000)) is None


def test_a_model_s_own_entry_wins() -> None:
    price = price_of(Provider.OPENAI, "gpt-4o", DAY, ModelServer(input_price=10, output_price=20))
    assert price is not None
    assert (price.input, price.cached, price.output) == (10, 10, 20)


@given(st.integers(0, 10**7), st.integers(0, 10**6), st.sampled_from(PRICES))
def test_a_cost_is_rounded_up_to_a_whole_micro_dollar_and_cached_tokens_are_no_dearer(
    fed: int, said: int, price: object
) -> None:
    whole = cost_micros(price, TokenUsage(input=fed, output=said))  # type: ignore[arg-type] # a Price
    cached = cost_micros(price, TokenUsage(input=fed, cached=fed, output=said))  # type: ignore[arg-type] # a Price
    assert whole is not None
    assert cached is not None
    exact = (fed * price.input + said * price.output) / 10**6  # type: ignore[attr-defined] # a Price
    assert exact <= whole < exact + 1.001
    assert cached <= whole


def test_the_worst_case_of_a_call_is_more_than_it_costs() -> None:
    request = ModelRequest(messages=(ChatMessage(role="user", content="привет " * 100),), max_tokens=100)
    most = worst_case(price_of(Provider.OPENAI, "gpt-4o-mini", DAY), request)
    assert most.tokens > 100 + 200
    assert most.micros > 0
