import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, func, insert, select, update

from sellermind.errors import AccessRevoked, RecordGone, Refused
from sellermind.models.accounts import ListAccounts, Marketplace
from sellermind.models.orders import OrderFacts, OrderList
from sellermind.models.sync import OpenRun, SyncProgress
from sellermind.storage import account_removal, accounts, cursors, issues, orders
from sellermind.storage.engine import reading, transaction
from sellermind.storage.tables.accounts import marketplace_accounts
from sellermind.storage.tables.columns import METADATA

JOB = "SyncNewWildberriesOrders"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MISSING = 404


def _add(connection: Connection, marketplace: Marketplace = Marketplace.WILDBERRIES, company_id: int = 1) -> int:
    return accounts.add(
        connection,
        company_id=company_id,
        marketplace=marketplace,
        name="Сергей",
        token_cipher="sealed",
        shop_ids=["10", "20"],
    )


def _run(account_id: int) -> OpenRun:
    return OpenRun(account_id=account_id, job=JOB, run_id="run")


def test_an_account_comes_back_as_it_was_added(database: Engine) -> None:
    with transaction(database) as connection:
        account = accounts.get(connection, _add(connection, Marketplace.UZUM))
    assert account.marketplace is Marketplace.UZUM
    assert (account.company_id, account.name, account.shop_ids) == (1, "Сергей", ("10", "20"))
    assert account.is_active
    assert account.tokens_valid
    assert account.created_at is not None


@pytest.mark.parametrize(("marketplace", "column"), [("wb", "wb_marketplace_token"), ("uzum", "api_key")])
def test_the_token_goes_where_sellermind_looks_for_it(database: Engine, marketplace: str, column: str) -> None:
    with transaction(database) as connection:
        account_id = _add(connection, Marketplace(marketplace))
        row = connection.execute(select(marketplace_accounts)).one()
        assert accounts.token_cipher(connection, account_id) == "sealed"
    assert getattr(row, column) == "sealed"
    assert row.credentials == ""


def test_a_wildberries_account_without_a_category_token_uses_its_api_key(database: Engine) -> None:
    with transaction(database) as connection:
        account_id = _add(connection)
        connection.execute(update(marketplace_accounts).values(wb_marketplace_token=None, api_key="older"))
        assert accounts.token_cipher(connection, account_id) == "older"


def test_an_account_without_a_token_is_refused_like_one_with_a_dead_token(database: Engine) -> None:
    with transaction(database) as connection:
        account_id = _add(connection)
        connection.execute(update(marketplace_accounts).values(wb_marketplace_token=None))
        with pytest.raises(AccessRevoked, match="set-token"):
            accounts.token_cipher(connection, account_id)


def test_an_account_that_is_gone_is_said_to_be_gone(database: Engine) -> None:
    with transaction(database) as connection:
        for use in (accounts.get, accounts.lock, accounts.token_cipher, accounts.pause, accounts.resume):
            with pytest.raises(RecordGone, match="404"):
                use(connection, MISSING)
        for change in (accounts.set_token, accounts.revoke, account_removal.remove):
            with pytest.raises(RecordGone, match="404"):
                change(connection, MISSING, *(["x"] if change is accounts.set_token else []))


def test_accounts_of_other_marketplaces_are_none_of_ours(database: Engine) -> None:
    with transaction(database) as connection:
        ours = _add(connection)
        other = {"id": 99, "company_id": 1, "marketplace": "ozon", "credentials": "", "api_key": "theirs"}
        connection.execute(insert(marketplace_accounts).values(**other))
        assert [account_id for account_id, *_ in accounts.sealed_tokens(connection)] == [ours]
        assert [account.id for account in accounts.list_accounts(connection)] == [ours]
        with pytest.raises(RecordGone):
            accounts.get(connection, 99)


def test_accounts_are_listed_by_company_and_marketplace(database: Engine) -> None:
    with transaction(database) as connection:
        first, second = _add(connection), _add(connection, Marketplace.UZUM, company_id=2)
        assert [each.id for each in accounts.list_accounts(connection)] == [first, second]
        assert [each.id for each in accounts.list_accounts(connection, company_id=2)] == [second]
        assert [each.id for each in accounts.list_accounts(connection, marketplace=Marketplace.WILDBERRIES)] == [first]


def test_shops_are_read_from_sellerminds_json_first(database: Engine) -> None:
    with transaction(database) as connection:
        account_id = _add(connection, Marketplace.UZUM)
        connection.execute(update(marketplace_accounts).values(credentials_json={"shop_ids": [7, 8]}))
        assert accounts.get(connection, account_id).shop_ids == ("7", "8")
        connection.execute(update(marketplace_accounts).values(credentials_json=None, shop_id=None))
        assert accounts.get(connection, account_id).shop_ids == ()


def test_an_account_without_a_name_gets_one_to_be_called_by(database: Engine) -> None:
    with transaction(database) as connection:
        account_id = _add(connection)
        connection.execute(update(marketplace_accounts).values(name=None))
        assert accounts.get(connection, account_id).name == f"wb {account_id}"


def test_active_accounts_come_page_by_page_without_paused_ones(database: Engine) -> None:
    with transaction(database) as connection:
        ids = [_add(connection) for _ in range(5)]
        _add(connection, Marketplace.UZUM)
        accounts.pause(connection, ids[1])
        ask = ListAccounts(marketplace=Marketplace.WILDBERRIES, job=JOB, limit=2)
        first = accounts.list_active(connection, ask, NOW)
        assert [each.id for each in first.accounts] == [ids[0], ids[2]]
        assert first.last_id == ids[2]
        last = accounts.list_active(connection, ask.model_copy(update={"after_id": ids[3]}), NOW)
        assert [each.id for each in last.accounts] == [ids[4]]
        assert last.last_id is None


def test_an_account_told_to_wait_is_left_out_for_that_job_until_the_time_has_come(database: Engine) -> None:
    until = NOW + timedelta(hours=5)
    with transaction(database) as connection:
        account_id = _add(connection)
        cursors.open_run(connection, account_id, JOB, "run", NOW)
        cursors.hold_back(connection, _run(account_id), SyncProgress(), until, "wait", NOW)
        ask = ListAccounts(marketplace=Marketplace.WILDBERRIES, job=JOB)
        assert accounts.list_active(connection, ask, NOW).accounts == ()
        assert len(accounts.list_active(connection, ask, until).accounts) == 1
        other = ask.model_copy(update={"job": "UpdateWildberriesOrdersStatus"})
        assert len(accounts.list_active(connection, other, NOW).accounts) == 1


def test_a_new_token_makes_a_revoked_account_work_again_at_once(database: Engine) -> None:
    with transaction(database) as connection:
        account_id = _add(connection)
        cursors.open_run(connection, account_id, JOB, "run", NOW)
        cursors.hold_back(connection, _run(account_id), SyncProgress(), NOW + timedelta(hours=5), "wait", NOW)
        accounts.revoke(connection, account_id)
        issues.open_or_count(connection, account_id, "token_invalid", "unauthorized")
        revoked = accounts.get(connection, account_id)
        assert (revoked.is_active, revoked.tokens_valid) == (False, False)
        accounts.set_token(connection, account_id, "sealed anew")
        renewed = accounts.get(connection, account_id)
        assert (renewed.is_active, renewed.tokens_valid) == (True, True)
        assert accounts.token_cipher(connection, account_id) == "sealed anew"
        assert issues.open_issues(connection, account_id) == []
        ask = ListAccounts(marketplace=Marketplace.WILDBERRIES, job=JOB)
        assert len(accounts.list_active(connection, ask, NOW).accounts) == 1


def test_a_success_is_written_once_a_minute_at_most(database: Engine) -> None:
    with transaction(database) as connection:
        account_id = _add(connection)
        for seconds, expected in ((0, 0), (59, 0), (60, 60)):
            accounts.record_success(connection, account_id, NOW + timedelta(seconds=seconds))
            written = accounts.get(connection, account_id).last_successful_call
            assert written == NOW + timedelta(seconds=expected)


def test_an_account_with_orders_is_removed_only_together_with_them(database: Engine) -> None:
    listed = OrderList(orders=(OrderFacts(external_order_id="1"),), set_aside=(), read_at=NOW)
    with transaction(database) as connection:
        account_id, other = _add(connection), _add(connection)
        for each in (account_id, other):
            orders.store_wildberries(connection, each, listed)
            cursors.open_run(connection, each, JOB, "run", NOW)
            issues.open_or_count(connection, each, "sync_failed", "x")
        with pytest.raises(Refused, match="1 orders"):
            account_removal.remove(connection, account_id)
    with transaction(database) as connection:
        account_removal.remove(connection, account_id, with_orders=True)
        for table in METADATA.sorted_tables:
            owner = table.c.get("marketplace_account_id")
            if owner is not None:
                found = select(func.count()).select_from(table).where(owner == account_id)
                assert connection.execute(found).scalar_one() == 0, table.name
        assert [account.id for account in accounts.list_accounts(connection)] == [other]
        assert len(connection.execute(select(METADATA.tables["wb_order_items"])).all()) == 1


def test_the_lock_lets_one_writer_of_an_account_in_at_a_time(database: Engine, account_id: int) -> None:
    inside, most = 0, 0
    guard = threading.Lock()

    def write() -> None:
        nonlocal inside, most
        with transaction(database) as connection:
            accounts.lock(connection, account_id)
            with guard:
                inside += 1
                most = max(most, inside)
            accounts.get(connection, account_id)
            with guard:
                inside -= 1

    with ThreadPoolExecutor(8) as threads:
        for written in [threads.submit(write) for _ in range(8)]:
            written.result()
    assert most == 1


def test_no_message_about_an_account_holds_its_token(database: Engine, account_id: int) -> None:
    with reading(database) as connection:
        assert "sealed" not in accounts.get(connection, account_id).model_dump_json()
