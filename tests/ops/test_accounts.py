"""`sellermind account …` on a real database, with the sandbox's tokens."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from ops.accounts import tokens
from ops.audit import LOG
from ops.outcome import ExitCode, VerbFailed
from sellermind.models.accounts import Marketplace
from sellermind.models.sync import OpenRun, SyncProgress
from sellermind.settings import Settings
from sellermind.storage import accounts, cursors, issues
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.accounts import marketplace_accounts
from sellermind.storage.tables.orders import wb_orders
from tests.fixtures.command_line import Ran, clean_environment, in_process, sellermind
from tests.fixtures.sandbox import Sandbox

PRODUCTION = "https://marketplace-api.wildberries.ru"
KEY = "4nPjAQiYOyNEKk4e0lMFYh1qDv1hbYUCFv7UEnhcjD0="
ADD = ("add", "--marketplace", "wb", "--name", "Cabinet", "--company", "7")


@dataclass(frozen=True)
class Desk:
    """An operator's place: a database, the sandbox as marketplace, and where the log of verbs stood before."""

    engine: Engine
    sandbox: Sandbox
    log_began: int

    @property
    def environment(self) -> dict[str, str]:
        """What the verbs need to find it."""
        return clean_environment(
            SELLERMIND_DATABASE_URL=self.engine.url.render_as_string(hide_password=False),
            SELLERMIND_WILDBERRIES_URL=self.sandbox.base_url,
            SELLERMIND_ALLOWED_HOSTS="127.0.0.1",
            SELLERMIND_SECRET_KEYS=KEY,
        )

    def run(self, *arguments: str, given: str = "") -> Ran:
        """Run `sellermind account …`."""
        return in_process("account", *arguments, environment=self.environment, given=given)

    def add(self, token: str, *options: str) -> int:
        """Add an account; its id."""
        ran = self.run(*ADD, *options, "--json", given=token)
        assert ran.code == 0, ran.err
        return int(ran.json["id"])

    def shown(self, account_id: int) -> dict[str, Any]:
        """What `account show` says."""
        shown: dict[str, Any] = self.run("show", str(account_id), "--json").json
        return shown

    def audited(self) -> list[dict[str, Any]]:
        """What the log of verbs gained of accounts, without times and names; tests beside this one write it, too."""
        lines = [json.loads(line) for line in LOG.read_text()[self.log_began :].splitlines()]
        ours = [line for line in lines if line["verb"].startswith("account ")]
        return [{key: value for key, value in line.items() if key not in {"at", "who"}} for line in ours]


@pytest.fixture
def desk(database: Engine, sandbox: Sandbox) -> Desk:
    """A place on each kind of database."""
    return Desk(database, sandbox, len(LOG.read_text()) if LOG.exists() else 0)


@pytest.fixture
def tokens_of_seller(sandbox: Sandbox) -> dict[str, str]:
    """The tokens of one seller of the sandbox, by what is special about them."""
    found: dict[str, str] = sandbox.sellers()[0]["tokens"]
    return found


@pytest.fixture
def account_id(desk: Desk, tokens_of_seller: dict[str, str]) -> int:
    """An account of company 7, added by the verb."""
    return desk.add(tokens_of_seller["personal"])


def test_an_added_account_keeps_its_token_encrypted_and_shows_its_days(
    desk: Desk, tokens_of_seller: dict[str, str]
) -> None:
    token = tokens_of_seller["personal"]
    ran = sellermind("account", *ADD, environment=desk.environment, given=f" Bearer {token}\n")
    assert (ran.code, ran.err) == (0, "")
    with reading(desk.engine) as connection:
        (stored,) = connection.execute(select(marketplace_accounts)).all()
    said = f"Added account {stored.id} (Cabinet, wb); the next schedule tick works on it. Token: 179 d.\n"
    assert ran.out == said
    assert stored.wb_marketplace_token.startswith("gAAAA")
    assert desk.audited() == [{"verb": "account add", "account": stored.id, "company": 7, "marketplace": "wb"}]
    opaque = ("add", "--marketplace", "uzum", "--name", "Shop", "--company", "7")
    ran = sellermind("account", *opaque, environment=desk.environment, given="says-nothing-of-itself\n")
    assert ran.out == f"Added account {stored.id + 1} (Shop, uzum); the next schedule tick works on it.\n"


@pytest.mark.parametrize(
    ("kind", "url", "reason"),
    [
        ("expired", PRODUCTION, "it expired on .* create a new one"),
        ("no_marketplace", PRODUCTION, "lacks the category Marketplace: create one"),
        ("test", PRODUCTION, "is a test token, and .* is production"),
        ("personal", "https://marketplace-api-sandbox.wildberries.ru", "takes test tokens only"),
        ("nonsense", PRODUCTION, "this is no Wildberries token"),
        ("words with\na newline", PRODUCTION, "holds characters no token has"),
        ('"in.quotes.x"', "http://127.0.0.1:1", "holds characters no token has"),
        ("one,two", "http://127.0.0.1:1", "holds characters no token has"),
    ],
)
def test_a_token_that_cannot_work_is_refused_with_reason_and_remedy(
    sandbox: Sandbox, kind: str, url: str, reason: str
) -> None:
    token = sandbox.sellers()[0]["tokens"].get(kind, kind)
    settings = Settings(_env_file=None, wildberries_url=url)
    with pytest.raises(VerbFailed, match=f"The token was not stored: .*{reason}") as refused:
        tokens.checked(Marketplace.WILDBERRIES, token, settings, datetime.now(UTC))
    assert refused.value.code is ExitCode.REFUSED
    assert token not in str(refused.value)


def test_the_list_marks_what_needs_somebody_soon(desk: Desk, tokens_of_seller: dict[str, str], account_id: int) -> None:
    ending = desk.add(tokens_of_seller["ends_soon"], "--company", "8")
    with transaction(desk.engine) as connection:
        accounts.revoke(connection, account_id)
    rows = [re.split(r"\s{2,}", line) for line in desk.run("list").out.splitlines()]
    assert rows[1:] == [
        [str(account_id), "7", "wb", "Cabinet", "! revoked", "179 d", "never"],
        [str(ending), "8", "wb", "Cabinet", "active", "! expires in 6 d", "never"],
    ]
    (only,) = desk.run("list", "--company", "8", "--json").json
    assert (only["id"], only["token"]["days_left"], only["token"]["kind"]) == (ending, 6, "personal")
    assert desk.run("list", "--marketplace", "uzum").out == "No accounts; add one with `sellermind account add`.\n"


def test_show_tells_scopes_freshness_and_open_issues(desk: Desk, account_id: int) -> None:
    job, now = "SyncNewWildberriesOrders", datetime.now(UTC)
    with transaction(desk.engine) as connection:
        cursors.open_run(connection, account_id, job, "run", now)
        cursors.finish(connection, OpenRun(account_id=account_id, job=job, run_id="run"), SyncProgress(), now)
        issues.open_or_count(connection, account_id, "token_invalid", "401 withdrawn", request_id="request-1")
    page = desk.run("show", str(account_id)).out
    assert "token: personal; scopes: analytics, content, feedbacks, marketplace" in page
    assert re.search(rf"{job}\s+\d s ago", page)
    assert re.search(r"token_invalid\s+critical\s+1\s+401 withdrawn", page)
    shown = desk.shown(account_id)
    assert [issue["request_id"] for issue in shown["issues"]] == ["request-1"]
    assert [fresh["job"] for fresh in shown["jobs"]] == [job]


def test_a_token_sealed_with_a_lost_key_is_told_as_such(desk: Desk, account_id: int) -> None:
    other = desk.environment | {"SELLERMIND_SECRET_KEYS": KEY[::-1].removeprefix("=") + "="}
    listed = in_process("account", "list", environment=other)
    assert (listed.code, str(account_id) in listed.out) == (0, True)
    assert "! unreadable with the keys we have" in listed.out


def test_an_account_can_be_paused_resumed_and_given_a_new_token(
    desk: Desk, tokens_of_seller: dict[str, str], account_id: int
) -> None:
    number = str(account_id)
    assert desk.run("pause", number, "--reason", "holiday").code == 0
    assert desk.audited()[-1] == {"verb": "account pause", "account": account_id, "reason": "holiday"}
    assert desk.shown(account_id)["state"] == "paused"
    assert desk.run("resume", number).out == f"Account {number} is active again.\n"
    assert desk.shown(account_id)["state"] == "active"
    with transaction(desk.engine) as connection:
        accounts.revoke(connection, account_id)
        issues.open_or_count(connection, account_id, "token_invalid", "401")
    refused = desk.run("set-token", number, given=tokens_of_seller["expired"])
    assert (refused.code, desk.shown(account_id)["state"]) == (5, "revoked")
    assert f"a new one: `sellermind account set-token {number}`" in desk.run("resume", number).out
    ran = desk.run("set-token", number, given=tokens_of_seller["service"])
    assert ran.out == f"Account {number} has a new token and is active; it lasts 179 days.\n"
    shown = desk.shown(account_id)
    assert (shown["state"], shown["token"]["kind"], shown["issues"]) == ("active", "service", [])
    log = LOG.read_text()[desk.log_began :]
    assert not any(token in log for token in tokens_of_seller.values())


def test_another_companys_account_is_as_if_it_did_not_exist(desk: Desk, account_id: int) -> None:
    for verb in ("show", "pause", "resume", "set-token", "remove"):
        for number, company in ((account_id, "8"), (account_id + 1, "7")):
            ran = desk.run(verb, str(number), "--company", company, given="token")
            assert (ran.code, ran.sentence) == (3, f"There is no account {number}.")


def test_removing_shows_what_goes_and_asks_first(desk: Desk, account_id: int) -> None:
    number = str(account_id)
    with transaction(desk.engine) as connection:
        connection.execute(insert(wb_orders).values(marketplace_account_id=account_id, external_order_id="5"))
    kept = desk.run("remove", number, "--yes")
    assert kept.code == 5
    assert kept.sentence == (
        f"Account {number} has 1 order: pause it instead, or add --with-orders to delete them too."
    )
    preview = desk.run("remove", number, "--with-orders", "--dry-run")
    assert (preview.code, preview.out) == (0, f"Would delete account {number} (Cabinet, wb) and 1 order.\n")
    unasked = desk.run("remove", number, "--with-orders")
    assert unasked.code == 5
    assert unasked.sentence == (
        f"Delete account {number} (Cabinet, wb) and 1 order? Nobody can be asked here; add --yes to do it."
    )
    assert desk.shown(account_id)["state"] == "active"
    gone = desk.run("remove", number, "--with-orders", "--yes", "--json")
    assert gone.json == {"id": account_id, "orders": 1, "removed": True}
    assert desk.audited()[-1] == {"verb": "account remove", "account": account_id, "orders": 1}
    assert desk.run("show", number).code == 3
