"""One account, one seller: a second one, or another seller's token, would store orders twice or mix them."""

from sqlalchemy import Engine

from ops.outcome import ExitCode
from tests.fixtures.command_line import Ran, clean_environment, in_process
from tests.fixtures.sandbox import Sandbox

KEY = "4nPjAQiYOyNEKk4e0lMFYh1qDv1hbYUCFv7UEnhcjD0="


def account(engine: Engine, sandbox: Sandbox, *arguments: str, given: str) -> Ran:
    environment = clean_environment(
        SELLERMIND_DATABASE_URL=engine.url.render_as_string(hide_password=False),
        SELLERMIND_WILDBERRIES_URL=sandbox.base_url,
        SELLERMIND_ALLOWED_HOSTS="127.0.0.1",
        SELLERMIND_SECRET_KEYS=KEY,
    )
    return in_process("account", *arguments, environment=environment, given=given)


def add(engine: Engine, sandbox: Sandbox, token: str, company: int = 7) -> Ran:
    words = ("add", "--marketplace", "wb", "--name", "Cabinet", "--company", str(company), "--json")
    return account(engine, sandbox, *words, given=token)


def test_a_seller_gets_one_account_in_a_company(database: Engine, sandbox: Sandbox) -> None:
    first, second, _ = sandbox.sellers()
    made = add(database, sandbox, first["token"])
    assert made.code == ExitCode.OK
    twin = add(database, sandbox, first["tokens"]["service"])
    assert twin.code == ExitCode.REFUSED
    assert f"Account {made.json['id']} is this seller's already" in twin.sentence
    assert add(database, sandbox, second["token"]).code == ExitCode.OK
    assert add(database, sandbox, first["token"], company=8).code == ExitCode.OK


def test_another_sellers_token_does_not_replace_an_accounts_own(database: Engine, sandbox: Sandbox) -> None:
    first, second, _ = sandbox.sellers()
    number = str(add(database, sandbox, first["token"]).json["id"])
    refused = account(database, sandbox, "set-token", number, given=second["token"])
    assert (refused.code, "another seller's" in refused.sentence) == (ExitCode.REFUSED, True)
    assert account(database, sandbox, "set-token", number, given=first["tokens"]["service"]).code == ExitCode.OK
