"""`sellermind dispatch` on a real Temporal server, with a real worker."""

from typing import Any

import pytest

from schedules.apply import register_search_attributes
from sellermind.models.accounts import AccountRef, Marketplace
from sellermind.storage import accounts
from sellermind.storage.engine import transaction
from tests.fixtures.command_line import Ran, in_process
from tests.fixtures.patience import wait_until
from tests.fixtures.product import Product, add_account

JOB = "SyncNewWildberriesOrders"


@pytest.fixture
async def account(product: Product) -> AccountRef:
    """An account of the sandbox's first seller, on a namespace that knows our search attributes."""
    await register_search_attributes(product.client)
    return add_account(product.engine, product.settings, product.sandbox.sellers()[0])


def dispatch(product: Product, account_id: int, *arguments: str, job: str = JOB) -> Ran:
    return in_process("dispatch", job, "--account", str(account_id), *arguments, environment=product.environment)


def test_a_job_waited_for_shows_its_report_under_any_of_its_names(product: Product, account: AccountRef) -> None:
    product.sandbox.make_orders("0", 3)
    with product.worker("high", "worker"):
        first = dispatch(product, account.id, "--wait", "--json")
        assert first.code == 0, first.err
        assert first.json["status"] == "completed"
        report = first.json["report"]
        assert (report["fetched"], report["created"], report["changed"], report["pages"]) == (3, 3, 0, 1)
        for name in (f"{JOB}Job", "sync-new-wildberries-orders"):
            again = dispatch(product, account.id, "--wait", job=name)
            assert (again.code, again.out.splitlines()[1].split()[:3]) == (
                0,
                [f"sync-new-wildberries-orders/{account.id}", "3", "0"],
            )


def test_a_failed_run_is_exit_1_with_the_error_s_type_and_message(product: Product, account: AccountRef) -> None:
    product.sandbox.fault("unauthorized", seller="0", count=1)
    with product.worker("high", "worker"):
        ran = dispatch(product, account.id, "--wait", "--json")
    assert ran.code == 1
    assert ran.sentence.startswith(f"sync-new-wildberries-orders/{account.id} failed: AccessRevoked: Wildberries GET")
    assert (ran.json["status"], ran.json["error_type"]) == ("failed", "AccessRevoked")
    refused = dispatch(product, account.id)
    remedy = f"run `sellermind account set-token {account.id}` first"
    assert (refused.code, refused.sentence) == (
        5,
        f"The marketplace refused the token of account {account.id}; {remedy}.",
    )


def test_a_running_job_is_not_started_twice(product: Product, account: AccountRef) -> None:
    started = dispatch(product, account.id, "--queue", "low")
    assert (started.code, started.out) == (0, f"started: sync-new-wildberries-orders/{account.id} on queue low\n")
    again = dispatch(product, account.id)
    assert again.code == 5
    assert again.sentence.startswith(f"sync-new-wildberries-orders/{account.id} has been running for ")


def test_a_namespace_without_our_search_attributes_names_the_verb_that_adds_them(product: Product) -> None:
    seller = add_account(product.engine, product.settings, product.sandbox.sellers()[0])
    ran = dispatch(product, seller.id)
    assert ran.code == 1
    assert "run `sellermind schedules apply` first" in ran.sentence


def test_an_unknown_account_and_one_of_another_marketplace_are_told_apart(product: Product) -> None:
    with transaction(product.engine) as connection:
        uzum = accounts.add(
            connection, company_id=1, marketplace=Marketplace.UZUM, name="Uzum", token_cipher="sealed", shop_ids=[]
        )
    unknown = dispatch(product, uzum + 1)
    assert (unknown.code, unknown.sentence) == (3, f"There is no account {uzum + 1}.")
    other = dispatch(product, uzum)
    assert (other.code, other.sentence) == (5, f"{JOB} is for wb accounts; account {uzum} is uzum.")


def test_a_run_whose_account_was_paused_before_it_was_taken_is_no_failure(
    product: Product, account: AccountRef
) -> None:
    assert dispatch(product, account.id).code == 0
    with transaction(product.engine) as connection:
        accounts.pause(connection, account.id)
    with product.worker("high", "worker"):
        wait_until(lambda: verb(product, "queue", "stats")["pending"] == 0, "it has ended")
        wait_until(lambda: verb(product, "queue", "failed") == [], "none failed")
    assert product.sandbox.stats()["requests"] == 0


def verb(product: Product, *words: str) -> Any:
    return in_process(*words, "--json", environment=product.environment).json
