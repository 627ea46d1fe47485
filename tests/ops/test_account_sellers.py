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
        SELLERMIND_UZUM_URL=sandbox.base_url,
        SELLERMIND_ALLOWED_HOSTS="127.0.0.1",
        SELLERMIND_SECRET_KEYS=KEY,
    )
    return in_process("account", *arguments, environment=environment, given=given)


def add(engine: Engine, sandbox: Sandbox, token: str, *more: str, company: int = 7, marketplace: str = "wb") -> Ran:
    words = ("add", "--marketplace", marketplace, "--name", "Cabinet", "--company", str(company), "--json")
    return account(engine, sandbox, *words, *more, given=token)


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


def test_a_token_of_uzum_which_names_no_seller_gets_one_account_too(database: Engine, sandbox: Sandbox) -> None:
    token, other = "uz-token-0f3b", "uz-token-77aa"
    made = add(database, sandbox, token, marketplace="uzum")
    again = add(database, sandbox, f" Bearer {token}\n", marketplace="uzum")
    assert (again.code, again.out, token in again.err) == (ExitCode.REFUSED, "", False)
    assert f"Account {made.json['id']} is this seller's already" in again.sentence
    second = add(database, sandbox, other, marketplace="uzum")
    assert second.code == ExitCode.OK
    moved = account(database, sandbox, "set-token", str(second.json["id"]), given=token)
    assert (moved.code, f"Account {made.json['id']} is this seller's" in moved.sentence) == (ExitCode.REFUSED, True)
    renewed = account(database, sandbox, "set-token", str(second.json["id"]), given=other)
    assert renewed.code == ExitCode.OK
    assert add(database, sandbox, token, marketplace="uzum", company=8).code == ExitCode.OK


def test_one_token_of_uzum_may_be_shared_by_accounts_for_different_shops(database: Engine, sandbox: Sandbox) -> None:
    token = "uz-token-0f3b"
    assert add(database, sandbox, token, "--shop", "11", marketplace="uzum").code == ExitCode.OK
    assert add(database, sandbox, token, "--shop", "12", "--shop", "13", marketplace="uzum").code == ExitCode.OK
    for shops in (("--shop", "13"), ()):
        assert add(database, sandbox, token, *shops, marketplace="uzum").code == ExitCode.REFUSED
