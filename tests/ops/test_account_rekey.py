"""`sellermind account rekey`: an old key may go when no token needs it."""

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import Engine, update

from sellermind.models.accounts import Marketplace
from sellermind.storage import accounts
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.accounts import marketplace_accounts
from sellermind.vault import TokenVault
from tests.fixtures.command_line import Ran, clean_environment, in_process

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
PLAIN = "a token of SellerMind's own"


def vault(*keys: str) -> TokenVault:
    return TokenVault(SecretStr(",".join(keys)), None)


def run(engine: Engine, *options: str, keys: str = f"{NEW},{OLD}") -> Ran:
    url = engine.url.render_as_string(hide_password=False)
    environment = clean_environment(SELLERMIND_DATABASE_URL=url, SELLERMIND_SECRET_KEYS=keys)
    return in_process("account", "rekey", "--json", *options, environment=environment)


@pytest.fixture
def account_ids(database: Engine) -> list[int]:
    """Accounts under the old key, and one whose token SellerMind stored."""
    with transaction(database) as connection:
        found = [
            accounts.add(
                connection,
                company_id=1,
                marketplace=marketplace,
                name="Cabinet",
                token_cipher=vault(OLD).seal(f"token-{marketplace}"),
                shop_ids=(),
            )
            for marketplace in (Marketplace.WILDBERRIES, Marketplace.UZUM)
        ]
        connection.execute(
            update(marketplace_accounts).where(marketplace_accounts.c.id == found[0]).values(api_key=PLAIN)
        )
    return found


def test_every_token_comes_under_the_first_key_once_and_what_is_not_ours_stays(
    database: Engine, account_ids: list[int]
) -> None:
    assert run(database, "--dry-run").json == {"tokens": 3, "old": 2, "resealed": 0}
    assert run(database).json == {"tokens": 3, "old": 2, "resealed": 2}
    assert run(database).json == {"tokens": 3, "old": 0, "resealed": 0}
    with reading(database) as connection:
        opened = [vault(NEW).open(accounts.token_cipher(connection, account_id)) for account_id in account_ids]
        assert opened == ["token-wb", "token-uzum"]
        assert (account_ids[0], "api_key", PLAIN) in accounts.sealed_tokens(connection)


def test_a_token_that_no_key_opens_stops_the_verb_and_nothing_is_changed(
    database: Engine, account_ids: list[int]
) -> None:
    assert account_ids
    ran = run(database, keys=NEW)
    assert ran.code == 1
    assert "SELLERMIND_SECRET_KEYS" in ran.err
    assert run(database, "--dry-run").json["old"] == 2


def test_a_token_stored_meanwhile_is_not_overwritten(database: Engine, account_ids: list[int]) -> None:
    with transaction(database) as connection:
        account_id, column, before = accounts.sealed_tokens(connection)[-1]
        assert not accounts.swap_token(connection, account_id, column, before + "x", "late")
        assert accounts.sealed_tokens(connection)[-1] == (account_ids[-1], column, before)
