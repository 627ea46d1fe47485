import pytest
from sqlalchemy import Engine, select

from sellermind.errors import RecordGone
from sellermind.storage import issues
from sellermind.storage.engine import transaction
from sellermind.storage.tables.accounts import marketplace_account_issues


def test_the_first_failure_opens_an_issue_and_the_next_ones_count_it_up(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        issues.open_or_count(connection, account_id, "token_invalid", "unauthorized", request_id="req-1")
        issues.open_or_count(connection, account_id, "token_invalid", "token expired", request_id="req-2")
        [issue] = issues.open_issues(connection, account_id)
    assert (issue.kind, issue.severity, issue.occurrences) == ("token_invalid", "critical", 2)
    assert (issue.message, issue.request_id) == ("token expired", "req-2")


def test_each_kind_of_trouble_has_an_issue_of_its_own(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        issues.open_or_count(connection, account_id, "token_invalid", "a")
        issues.open_or_count(connection, account_id, "rate_limit", "b")
        assert {issue.kind for issue in issues.open_issues(connection, account_id)} == {"token_invalid", "rate_limit"}


def test_a_job_s_success_ends_its_own_trouble_and_no_other(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        issues.open_or_count(connection, account_id, "insufficient_permissions", "boxes", job="SyncWildberriesSupplies")
        issues.open_or_count(connection, account_id, "insufficient_permissions", "shops", job="SyncUzumOrders")
        issues.open_or_count(connection, account_id, "token_invalid", "a")
        issues.resolve(connection, account_id, "SyncWildberriesSupplies")
        assert {issue.message for issue in issues.open_issues(connection, account_id)} == {"shops", "a"}


def test_trouble_after_a_resolved_issue_opens_a_new_one(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        issues.open_or_count(connection, account_id, "token_invalid", "a")
        issues.resolve_all(connection, account_id)
        assert issues.open_issues(connection, account_id) == []
        issues.open_or_count(connection, account_id, "token_invalid", "b")
        assert [issue.occurrences for issue in issues.open_issues(connection, account_id)] == [1]
        statuses = connection.execute(select(marketplace_account_issues.c.status)).scalars().all()
    assert sorted(statuses) == ["active", "resolved"]


def test_an_issue_carries_the_company_that_sellermind_shows_it_to(database: Engine, account_id: int) -> None:
    with transaction(database) as connection:
        issues.open_or_count(connection, account_id, "api_error", "a")
        assert connection.execute(select(marketplace_account_issues.c.company_id)).scalar_one() == 7


def test_an_issue_of_a_removed_account_is_not_opened(database: Engine) -> None:
    with transaction(database) as connection, pytest.raises(RecordGone):
        issues.open_or_count(connection, 404, "api_error", "a")
