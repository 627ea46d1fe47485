"""`sellermind account …` on a real database, with the sandbox's tokens."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select

from ops import tokens
from ops.audit import LOG
from ops.outcome import ExitCode, VerbFailed
from sellermind.models.accounts import Marketplace
from sellermind.models.sync import SyncReport
from sellermind.settings import Settings
from sellermind.storage import accounts, cursors, issues
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.accounts import marketplace_accounts
from sellermind.storage.tables.orders import wb_orders
from tests.fixtures.command_line import Ran, in_process, sellermind
from tests.fixtures.product import Product
from tests.fixtures.sandbox import Sandbox

PRODUCTION = "https://marketplace-api.wildberries.ru"
ADD = ("add", "--marketplace", "wb", "--name", "Cabinet", "--company", "7")


@pytest.fixture
def seller(product: Product) -> dict[str, Any]:
    """A seller of the sandbox with all its tokens."""
    return product.sandbox.sellers()[0]


@pytest.fixture
def account_id(product: Product, seller: dict[str, Any]) -> int:
    """An account of company 7, added by the verb."""
    ran = run(product, *ADD, "--json", given=seller["token"])
    assert ran.code == 0, ran.err
    return int(ran.json["id"])


def run(product: Product, *arguments: str, given: str = "") -> Ran:
    return in_process("account", *arguments, environment=product.environment, given=given)


def state(product: Product, account_id: int) -> dict[str, Any]:
    shown: dict[str, Any] = run(product, "show", str(account_id), "--json").json
    return shown


def audited() -> dict[str, Any]:
    """The last line of the operators' log, without its time and name."""
    line: dict[str, Any] = json.loads(LOG.read_text().splitlines()[-1])
    return {key: value for key, value in line.items() if key not in {"at", "who"}}


def test_an_added_account_keeps_its_token_encrypted_and_shows_its_days(
    product: Product, seller: dict[str, Any]
) -> None:
    ran = sellermind("account", *ADD, environment=product.environment, given=f" Bearer {seller['token']}\n")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "Added account 1 (Cabinet, wb); the next schedule tick works on it. Token: 179 d.\n"
    with reading(product.engine) as connection:
        stored = connection.execute(select(marketplace_accounts.c.wb_marketplace_token)).scalar_one()
    assert stored.startswith("gAAAA")
    assert audited() == {"verb": "account add", "account": 1, "company": 7, "marketplace": "wb"}
    assert seller["token"] not in LOG.read_text()


@pytest.mark.parametrize(
    ("kind", "url", "reason"),
    [
        ("expired", PRODUCTION, "it expired on .* create a new one"),
        ("no_marketplace", PRODUCTION, "lacks the category Marketplace: create one"),
        ("test", PRODUCTION, "is a test token, and .* is production"),
        ("personal", "https://marketplace-api-sandbox.wildberries.ru", "takes test tokens only"),
        ("nonsense", PRODUCTION, "this is no Wildberries token"),
        ("words with\na newline", PRODUCTION, "holds characters no token has"),
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


def test_the_list_marks_what_needs_somebody_soon(product: Product, seller: dict[str, Any], account_id: int) -> None:
    assert run(product, *ADD, "--company", "8", given=seller["tokens"]["ends_soon"]).code == 0
    with transaction(product.engine) as connection:
        accounts.revoke(connection, account_id)
    rows = [re.split(r"\s{2,}", line) for line in run(product, "list").out.splitlines()]
    assert rows[1:] == [
        ["1", "7", "wb", "Cabinet", "! revoked", "179 d", "never"],
        ["2", "8", "wb", "Cabinet", "active", "! expires in 6 d", "never"],
    ]
    (only,) = run(product, "list", "--company", "8", "--json").json
    assert (only["id"], only["token"]["days_left"], only["token"]["kind"]) == (2, 6, "personal")
    assert run(product, "list", "--marketplace", "uzum").out == "No accounts; add one with `sellermind account add`.\n"


def test_show_tells_scopes_freshness_and_open_issues(product: Product, account_id: int) -> None:
    job, now = "SyncNewWildberriesOrders", datetime.now(UTC)
    with transaction(product.engine) as connection:
        cursors.open_run(connection, account_id, job, "run", now)
        cursors.finish(connection, account_id, job, SyncReport(), now)
        issues.open_or_count(connection, account_id, "token_invalid", "401 withdrawn", "request-1")
    page = run(product, "show", str(account_id)).out
    assert "token: personal; scopes: analytics, content, feedbacks, marketplace" in page
    assert re.search(rf"{job}\s+\d s ago", page)
    assert re.search(r"token_invalid\s+critical\s+1\s+401 withdrawn", page)
    shown = state(product, account_id)
    assert [issue["request_id"] for issue in shown["issues"]] == ["request-1"]
    assert [fresh["job"] for fresh in shown["jobs"]] == [job]


def test_an_account_can_be_paused_resumed_and_given_a_new_token(
    product: Product, seller: dict[str, Any], account_id: int
) -> None:
    number = str(account_id)
    assert run(product, "pause", number, "--reason", "holiday").code == 0
    assert audited() == {"verb": "account pause", "account": account_id, "reason": "holiday"}
    assert state(product, account_id)["state"] == "paused"
    assert run(product, "resume", number).code == 0
    assert state(product, account_id)["state"] == "active"
    with transaction(product.engine) as connection:
        accounts.revoke(connection, account_id)
        issues.open_or_count(connection, account_id, "token_invalid", "401", None)
    refused = run(product, "set-token", number, given=seller["tokens"]["expired"])
    assert (refused.code, state(product, account_id)["state"]) == (5, "revoked")
    ran = run(product, "set-token", number, given=seller["tokens"]["service"])
    assert ran.out == f"Account {number} has a new token and is active; it lasts 179 days.\n"
    shown = state(product, account_id)
    assert (shown["state"], shown["token"]["kind"], shown["issues"]) == ("active", "service", [])


def test_another_companys_account_is_as_if_it_did_not_exist(product: Product, account_id: int) -> None:
    for verb in ("show", "pause", "resume", "set-token", "remove"):
        for number, company in ((account_id, "8"), (account_id + 1, "7")):
            ran = run(product, verb, str(number), "--company", company, given="token")
            assert (ran.code, ran.sentence) == (3, f"There is no account {number}.")


def test_removing_shows_what_goes_and_asks_first(product: Product, account_id: int) -> None:
    number = str(account_id)
    order = {"marketplace_account_id": account_id, "external_order_id": "5"}
    with transaction(product.engine) as connection:
        connection.execute(insert(wb_orders).values(order))
    kept = run(product, "remove", number, "--yes")
    assert (kept.code, kept.sentence) == (
        5,
        f"Account {number} has 1 orders: pause it instead, or add --with-orders to delete them too.",
    )
    preview = run(product, "remove", number, "--with-orders", "--dry-run")
    assert (preview.code, preview.out) == (0, f"Would delete account {number} (Cabinet, wb) and 1 orders.\n")
    unasked = run(product, "remove", number, "--with-orders")
    assert (unasked.code, unasked.sentence) == (
        5,
        f"This deletes account {number} (Cabinet, wb) and 1 orders; add --yes to do it.",
    )
    assert state(product, account_id)["state"] == "active"
    gone = run(product, "remove", number, "--with-orders", "--yes", "--json")
    assert gone.json == {"id": account_id, "orders": 1, "removed": True}
    assert audited() == {"verb": "account remove", "account": account_id, "orders": 1}
    assert run(product, "show", number).code == 3
