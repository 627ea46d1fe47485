"""What a token says of itself, and which tokens are refused before they cost a call."""

import base64
import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellermind.marketplaces.tokens import (
    TokenKind,
    TokenRefused,
    WildberriesToken,
    budget_key,
    check_wildberries_token,
    read_wildberries_token,
)
from sellermind.models.accounts import Marketplace

PRODUCTION = "https://marketplace-api.wildberries.ru"
SANDBOX = "https://marketplace-api-sandbox.wildberries.ru"
STAND_IN = "http://127.0.0.1:8080"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SID = "0f6b1a52-8f6c-4a1e-9d3e-1c2b3a4d5e6f"
CLAIMS = {"acc": 3, "t": False, "sid": SID, "exp": math.floor((NOW + timedelta(days=100)).timestamp()), "s": 1 << 4}


def jwt(claims: Any) -> str:
    parts = [json.dumps({"alg": "ES256"}).encode(), json.dumps(claims).encode(), b"signature"]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def test_a_token_is_read_without_its_key() -> None:
    assert read_wildberries_token(jwt(CLAIMS | {"s": 1 << 4 | 1 << 2 | 1 << 30})) == WildberriesToken(
        sid=SID,
        exp=NOW + timedelta(days=100),
        kind=TokenKind.PERSONAL,
        is_test=False,
        scopes=frozenset({"marketplace", "analytics"}),
        read_only=True,
    )


@pytest.mark.parametrize(("ahead", "days"), [(timedelta(days=14, hours=1), 14), (timedelta(hours=-1), -1)])
def test_the_days_left_are_whole_days(ahead: timedelta, days: int) -> None:
    assert WildberriesToken(exp=NOW + ahead).days_left(NOW) == days


def test_a_token_without_an_end_has_no_days_left_to_count() -> None:
    assert WildberriesToken().days_left(NOW) is None


@pytest.mark.parametrize(
    ("claims", "base_url", "reason"),
    [
        (CLAIMS | {"exp": 1_700_000_000}, PRODUCTION, "expired on 2023-11-14 22:13 UTC: create a new one"),
        (CLAIMS | {"exp": 1_700_000_000}, STAND_IN, "expired on 2023-11-14 22:13 UTC: create a new one"),
        (CLAIMS | {"s": 1 << 3}, PRODUCTION, "lacks the category Marketplace: create one"),
        (CLAIMS | {"t": True}, PRODUCTION, "test token, and .* production: .* SELLERMIND_WILDBERRIES_URL"),
        (CLAIMS | {"acc": 2}, PRODUCTION, "test token, and .* production: .* SELLERMIND_WILDBERRIES_URL"),
        (CLAIMS, SANDBOX, "takes test tokens only: .* SELLERMIND_WILDBERRIES_URL"),
    ],
)
def test_a_token_that_cannot_work_is_refused_with_the_remedy(claims: Any, base_url: str, reason: str) -> None:
    token = jwt(claims)
    with pytest.raises(TokenRefused, match=reason) as caught:
        check_wildberries_token(token, base_url, NOW)
    assert not [part for part in token.split(".") if part in str(caught.value)]


@pytest.mark.parametrize(
    ("claims", "base_url"),
    [
        (CLAIMS, PRODUCTION),
        (CLAIMS, STAND_IN),
        (CLAIMS | {"t": True, "acc": 2}, SANDBOX),
        (CLAIMS | {"t": True, "acc": 2}, STAND_IN),
        (CLAIMS | {"s": 1 << 30 | 1 << 4}, PRODUCTION),
        ({}, PRODUCTION),
    ],
)
def test_a_token_that_may_work_is_accepted(claims: Any, base_url: str) -> None:
    assert check_wildberries_token(jwt(claims), base_url, NOW) == read_wildberries_token(jwt(claims))


def test_what_is_no_token_is_refused_at_wildberries_and_left_to_a_stand_in_to_judge() -> None:
    for host in (PRODUCTION, SANDBOX):
        with pytest.raises(TokenRefused, match="no Wildberries token: copy the whole text"):
            check_wildberries_token("my-password", host, NOW)
    assert check_wildberries_token("seller-1", STAND_IN, NOW) == WildberriesToken()


@pytest.mark.parametrize(
    "claims",
    [
        {"sid": 7, "exp": "soon", "acc": "x", "s": "16", "t": "yes"},
        {"sid": "a b", "exp": 10**30, "acc": 99, "s": None, "t": 1},
        {"sid": "x" * 65, "exp": True, "acc": True, "s": True, "t": None},
        {"exp": -(10**18)},
    ],
)
def test_claims_of_another_type_count_as_absent(claims: Any) -> None:
    found = read_wildberries_token(jwt(claims))
    assert found is not None
    assert (found.sid, found.exp, found.scopes, found.is_test) == (None, None, None, False)


@given(
    st.text() | st.text().map(lambda text: f"a.{text}.c") | st.recursive(st.integers() | st.text(), st.lists).map(jwt)
)
def test_no_text_makes_the_reader_crash(text: str) -> None:
    read_wildberries_token(text)
    assert len(budget_key(text)) <= 67


@given(
    st.dictionaries(st.sampled_from(list(CLAIMS)), st.none() | st.booleans() | st.integers() | st.text() | st.floats())
)
def test_no_claims_make_the_reader_crash(claims: Any) -> None:
    assert read_wildberries_token(jwt(claims)) is not None or "NaN" in json.dumps(claims) or "Inf" in json.dumps(claims)


def test_tokens_of_one_seller_share_a_budget() -> None:
    assert budget_key(jwt(CLAIMS)) == budget_key(jwt(CLAIMS | {"exp": 1})) == f"wb:{SID}"


def test_a_token_that_names_no_seller_has_its_own_budget_and_does_not_show_in_the_key() -> None:
    keys = {budget_key("one"), budget_key("two"), budget_key("one", Marketplace.UZUM), budget_key(jwt({}))}
    assert len(keys) == 4
    assert {key.partition(":")[0] for key in keys} == {"wb", "uzum"}
    assert not [key for key in keys if "one" in key or "two" in key]
