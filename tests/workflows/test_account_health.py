"""What a refusal means for an account, on the sandbox and both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from sellermind.models.accounts import Issue, ListAccounts, Marketplace
from sellermind.storage import accounts, issues
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.accounts import marketplace_accounts
from sellermind.storage.tables.syncs import sync_cursors
from sellermind.vault import TokenVault
from tests.fixtures.seller import Seller
from workflows.sync_new_wildberries_orders import SyncNewWildberriesOrders
from workflows.sync_wildberries_supplies import SyncWildberriesSupplies
from workflows.update_wildberries_orders_status import UpdateWildberriesOrdersStatus


def open_issues(seller: Seller) -> list[Issue]:
    with reading(seller.engine) as connection:
        return issues.open_issues(connection, seller.account.id)


def is_ticked(seller: Seller, job: type) -> bool:
    """Whether a tick of the job would start this account."""
    ask = ListAccounts(marketplace=Marketplace.WILDBERRIES, job=job.__name__)
    with reading(seller.engine) as connection:
        return accounts.list_active(connection, ask, datetime.now(UTC)).accounts != ()


@pytest.mark.parametrize("fault", ["unauthorized", "unauthorized-scope"])
async def test_a_dead_token_pauses_the_account_and_says_what_the_marketplace_said(
    wildberries: Seller, fault: str
) -> None:
    wildberries.sandbox.fault(fault, count=1)
    assert (await wildberries.failure(SyncNewWildberriesOrders)).type == "AccessRevoked"
    (issue,) = open_issues(wildberries)
    assert (issue.kind, issue.occurrences) == ("token_invalid", 1)
    assert issue.request_id
    assert issue.request_id in issue.message
    assert not is_ticked(wildberries, SyncNewWildberriesOrders)
    assert wildberries.calls() == 1


async def test_a_token_that_is_refused_again_counts_the_issue_up(wildberries: Seller) -> None:
    for times in (1, 2):
        wildberries.sandbox.fault("unauthorized", count=1)
        assert (await wildberries.failure(SyncNewWildberriesOrders)).type == "AccessRevoked"
        (issue,) = open_issues(wildberries)
        assert issue.occurrences == times
        with transaction(wildberries.engine) as connection:  # as a person does in the database, past our verbs
            connection.execute(update(marketplace_accounts).values(is_active=True))


async def test_a_new_token_ends_the_pause_and_the_next_tick_works(wildberries: Seller) -> None:
    token = wildberries.sandbox.renew_token(wildberries.sid)  # the one we have is withdrawn
    wildberries.sandbox.make_orders(wildberries.sid, 2)
    assert (await wildberries.failure(SyncNewWildberriesOrders)).type == "AccessRevoked"
    sealed = TokenVault(wildberries.settings.secret_keys, None).seal(token)
    with transaction(wildberries.engine) as connection:
        accounts.set_token(connection, wildberries.account.id, sealed)
    assert is_ticked(wildberries, SyncNewWildberriesOrders)
    assert open_issues(wildberries) == []
    await wildberries.tick()
    assert wildberries.wrong() == []


async def test_a_403_on_one_method_stops_that_method_only(wildberries: Seller) -> None:
    wildberries.sandbox.make_orders(wildberries.sid, 2)
    await wildberries.sync(SyncNewWildberriesOrders)
    wildberries.sandbox.fault("forbidden", path="/api/v3/orders/status")
    assert (await wildberries.failure(UpdateWildberriesOrdersStatus)).type == "MethodRefused"
    assert [issue.kind for issue in open_issues(wildberries)] == ["insufficient_permissions"]
    assert not is_ticked(wildberries, UpdateWildberriesOrdersStatus)
    for job in (SyncNewWildberriesOrders, SyncWildberriesSupplies):
        assert is_ticked(wildberries, job)
        await wildberries.sync(job)
    wildberries.sandbox.clear()
    wildberries.resume()
    assert is_ticked(wildberries, UpdateWildberriesOrdersStatus)
    await wildberries.tick()
    assert wildberries.wrong() == []


async def test_a_method_that_works_again_ends_its_issue(wildberries: Seller) -> None:
    wildberries.sandbox.make_orders(wildberries.sid, 2)
    await wildberries.sync(SyncNewWildberriesOrders)
    wildberries.sandbox.fault("forbidden", path="/api/v3/orders/status")
    await wildberries.failure(UpdateWildberriesOrdersStatus)
    await wildberries.sync(SyncNewWildberriesOrders)
    assert len(open_issues(wildberries)) == 1
    wildberries.sandbox.clear()
    await wildberries.sync(UpdateWildberriesOrdersStatus)
    assert open_issues(wildberries) == []


async def test_a_dead_token_stops_every_job_of_the_account_after_one_call(wildberries: Seller) -> None:
    wildberries.sandbox.fault("unauthorized")
    await wildberries.failure(SyncNewWildberriesOrders)
    for job in (SyncWildberriesSupplies, UpdateWildberriesOrdersStatus):
        assert "refused the token of account" in str((await wildberries.sync(job)).stopped)
    assert wildberries.calls() == 1
    with reading(wildberries.engine) as connection:
        said = connection.execute(select(sync_cursors.c.last_error)).scalar_one()
    assert "401" in said
