import base64
import json
import os

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from sellermind.errors import Misconfigured
from sellermind.vault import TokenVault
from tests.fixtures.tokens import laravel_sealed

TOKEN = "eyJhbGciOiJFUzI1NiJ9.token"
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
APP_KEY = base64.b64encode(os.urandom(32)).decode()


def _vault(secret_keys: str | None = None, app_key: str | None = None) -> TokenVault:
    return TokenVault(SecretStr(secret_keys) if secret_keys else None, SecretStr(app_key) if app_key else None)


def test_a_sealed_token_does_not_show_the_token_and_opens_again() -> None:
    sealed = _vault(NEW).seal(TOKEN)
    assert TOKEN not in sealed
    assert _vault(NEW).open(sealed) == TOKEN


def test_the_first_key_writes_and_every_key_opens() -> None:
    sealed_before_the_change_of_keys = _vault(OLD).seal(TOKEN)
    both = _vault(f"{NEW}, {OLD}")
    assert both.open(sealed_before_the_change_of_keys) == TOKEN
    assert _vault(NEW).open(both.seal(TOKEN)) == TOKEN


def test_without_a_key_nothing_is_sealed_and_the_message_says_how_to_make_one() -> None:
    with pytest.raises(Misconfigured, match=r"SELLERMIND_SECRET_KEYS.*python3 -c"):
        _vault().seal(TOKEN)


def test_a_malformed_key_is_refused_at_start_and_not_quoted() -> None:
    with pytest.raises(Misconfigured, match=r"SELLERMIND_SECRET_KEYS.*python3 -c") as refusal:
        _vault(f"{NEW},my-password")
    assert "my-password" not in str(refusal.value)


def test_a_token_sealed_with_a_lost_key_is_a_matter_for_a_person() -> None:
    sealed = _vault(OLD).seal(TOKEN)
    with pytest.raises(Misconfigured, match=r"SELLERMIND_SECRET_KEYS.*set-token") as refusal:
        _vault(NEW).open(sealed)
    assert sealed not in str(refusal.value)


@pytest.mark.parametrize("app_key", [APP_KEY, f"base64:{APP_KEY}"], ids=["bare", "as in .env"])
def test_a_token_that_sellermind_stored_is_read_with_its_app_key(app_key: str) -> None:
    assert _vault(app_key=app_key).open(laravel_sealed(TOKEN, APP_KEY)) == TOKEN


def test_a_token_that_sellermind_stored_needs_its_app_key() -> None:
    with pytest.raises(Misconfigured, match="SELLERMIND_LARAVEL_APP_KEY"):
        _vault(NEW).open(laravel_sealed(TOKEN, APP_KEY))


@pytest.mark.parametrize(
    "stored",
    [
        laravel_sealed(TOKEN, base64.b64encode(os.urandom(32)).decode()),
        laravel_sealed(TOKEN, APP_KEY, mac="0" * 64),
        laravel_sealed(TOKEN, APP_KEY, value=base64.b64encode(b"x" * 32).decode()),
        laravel_sealed(TOKEN, APP_KEY)[:60],
        base64.b64encode(json.dumps({"iv": "", "value": ""}, separators=(",", ":")).encode()).decode(),
    ],
    ids=["another key", "another mac", "another value", "cut off", "incomplete"],
)
def test_a_token_that_was_tampered_with_or_cut_off_is_not_opened(stored: str) -> None:
    with pytest.raises(Misconfigured, match="SELLERMIND_LARAVEL_APP_KEY"):
        _vault(app_key=APP_KEY).open(stored)


@pytest.mark.parametrize("app_key", ["base64:short", "base64:c2hvcnQ=", "base64:!!!"])
def test_a_malformed_app_key_is_refused_at_start(app_key: str) -> None:
    with pytest.raises(Misconfigured, match="SELLERMIND_LARAVEL_APP_KEY"):
        _vault(app_key=app_key)


@pytest.mark.parametrize("plain", ["uzum-key-123", TOKEN], ids=["key", "token"])
def test_a_key_that_sellermind_left_in_plain_text_is_read_as_it_is(plain: str) -> None:
    assert _vault(NEW, APP_KEY).open(plain) == plain
