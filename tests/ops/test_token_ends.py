"""When the tokens of active accounts end: what `sellermind serve` tells Prometheus."""

import base64
import os
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from ops.queues.overview import Overview
from ops.serving.pages import MOST_ACCOUNTS, metrics
from ops.serving.standing import Records, Standing, read_records
from ops.serving.watch import Look
from sellermind.models.accounts import Marketplace
from sellermind.settings import Settings
from sellermind.storage import accounts
from sellermind.storage.engine import transaction
from sellermind.vault import TokenVault
from tests.fixtures.tokens import laravel_sealed, wildberries_token

APP_KEY = base64.b64encode(os.urandom(32)).decode()
SETTINGS = Settings(
    _env_file=None,
    secret_keys=SecretStr(base64.urlsafe_b64encode(os.urandom(32)).decode()),
    laravel_app_key=SecretStr(APP_KEY),
)
NOW = datetime.now(UTC).replace(microsecond=0)
EARLIER, LATER = NOW + timedelta(days=3), NOW + timedelta(days=180)


def sealed(expires: datetime) -> str:
    """A token as our own verbs store it."""
    return TokenVault(SETTINGS.secret_keys, None).seal(wildberries_token(expires))


def account_with(engine: Engine, cipher: str, marketplace: Marketplace = Marketplace.WILDBERRIES) -> int:
    """An account whose row holds this as its token."""
    with transaction(engine) as connection:
        return accounts.add(
            connection, company_id=7, marketplace=marketplace, name="Cabinet", token_cipher=cipher, shop_ids=()
        )


def test_every_active_account_whose_token_names_its_end_is_known_however_the_token_was_stored(database: Engine) -> None:
    ours = account_with(database, sealed(EARLIER))
    laravels = account_with(database, laravel_sealed(wildberries_token(LATER), APP_KEY))
    plain = account_with(database, wildberries_token(LATER))
    account_with(database, "gAAAA of a key that is lost")
    account_with(database, "an opaque one", Marketplace.UZUM)
    paused = account_with(database, sealed(EARLIER))
    with transaction(database) as connection:
        accounts.pause(connection, paused)
    assert read_records(database, SETTINGS).token_ends == {ours: EARLIER, laravels: LATER, plain: LATER}


def test_a_token_that_is_renewed_is_known_by_its_new_end_at_once_whoever_stored_it(database: Engine) -> None:
    account_id = account_with(database, sealed(EARLIER))
    for cipher in (sealed(LATER), laravel_sealed(wildberries_token(LATER), APP_KEY)):
        with transaction(database) as connection:
            accounts.set_token(connection, account_id, sealed(EARLIER))
        assert read_records(database, SETTINGS).token_ends == {account_id: EARLIER}
        with transaction(database) as connection:
            accounts.set_token(connection, account_id, cipher)
        assert read_records(database, SETTINGS).token_ends == {account_id: LATER}


@pytest.mark.parametrize(("others", "shown"), [(MOST_ACCOUNTS - 1, MOST_ACCOUNTS), (MOST_ACCOUNTS, 1)])
def test_of_very_many_accounts_only_those_are_shown_whose_token_ends_soon(others: int, shown: int) -> None:
    ends = {1: EARLIER} | dict.fromkeys(range(2, others + 2), LATER)
    overview = Overview(pending=0, failed=0, stuck=0, queues=[], stuck_runs=[])
    look = Look(Standing(overview, {}, Records(frozenset(), [], 0, ends, frozenset()), NOW), None, 0)
    lines = [line for line in metrics(look).splitlines() if line.startswith("sellermind_token_expires_timestamp{")]
    assert lines[0] == f'sellermind_token_expires_timestamp{{account="1"}} {EARLIER.timestamp():.0f}'
    assert len(lines) == shown
