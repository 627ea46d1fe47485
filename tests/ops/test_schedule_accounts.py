"""`schedules pause, resume, trigger, backfill` for one account or one company: the others' jobs go on."""

from datetime import UTC, datetime, timedelta

from schedules.apply import apply
from sellermind.models.accounts import ListAccounts, Marketplace
from sellermind.settings import Settings
from sellermind.storage import accounts
from sellermind.storage.engine import reading, transaction
from tests.fixtures.desk import Desk

JOB = "SyncNewWildberriesOrders"
STATUSES = "UpdateWildberriesOrdersStatus"
BY_WINDOWS = "ReconcileWildberriesOrders"


def add(desk: Desk, company: int, marketplace: Marketplace = Marketplace.WILDBERRIES) -> int:
    """An account of a company."""
    with transaction(desk.engine) as connection:
        return accounts.add(
            connection, company_id=company, marketplace=marketplace, name="x", token_cipher="sealed", shop_ids=()
        )


def started_by_a_tick(desk: Desk, job: str, after: timedelta = timedelta()) -> list[int]:
    """The accounts that a tick would start."""
    ask = ListAccounts(marketplace=Marketplace.WILDBERRIES, job=job)
    with reading(desk.engine) as connection:
        return [found.id for found in accounts.list_active(connection, ask, datetime.now(UTC) + after).accounts]


async def test_a_job_paused_for_one_account_is_left_out_of_that_account_s_ticks_only(desk: Desk) -> None:
    await apply(desk.client, Settings(_env_file=None))
    first, second = add(desk, 1), add(desk, 1)
    paused = await desk.type("schedules", "pause", JOB, "--account", str(first), "--reason", "their stocktaking")
    assert paused.out == f"paused: {JOB} for account {first}\n"
    assert started_by_a_tick(desk, JOB) == [second]
    assert started_by_a_tick(desk, STATUSES) == [first, second]
    row, *_ = (await desk.type("schedules", "list", "--json")).json
    (left_out,) = row["paused_accounts"]
    assert (row["paused"], left_out["account_id"], left_out["reason"]) == (False, first, "their stocktaking")
    assert f"not for account {first}" in (await desk.type("schedules", "list")).out
    shown = await desk.type("account", "show", str(first))
    assert "their stocktaking" in shown.out
    resumed = await desk.type("schedules", "resume", JOB, "--account", str(first))
    assert resumed.out == f"resumed: {JOB} for account {first}\n"
    assert started_by_a_tick(desk, JOB) == [first, second]
    assert (await desk.type("schedules", "resume", JOB, "--account", str(first))).out == "None was paused.\n"


async def test_a_pause_for_a_while_ends_by_itself_and_the_last_word_holds(desk: Desk) -> None:
    account = add(desk, 1)
    said = await desk.type("schedules", "pause", JOB, "--account", str(account))
    assert said.code == 0
    said = await desk.type("schedules", "pause", JOB, "--account", str(account), "--for", "15m")
    assert said.out.endswith("it ends by itself in 15 min\n")
    assert started_by_a_tick(desk, JOB, timedelta(minutes=14)) == []
    assert started_by_a_tick(desk, JOB, timedelta(minutes=16)) == [account]


async def test_all_of_an_account_is_its_marketplace_s_jobs_and_all_of_a_company_its_accounts(desk: Desk) -> None:
    ours, uzum, theirs = add(desk, 1), add(desk, 1, Marketplace.UZUM), add(desk, 2)
    one = (await desk.type("schedules", "pause", "--all", "--account", str(uzum), "--json")).json
    assert [(each["job"], each["account_id"]) for each in one["paused"]] == [("SyncUzumOrders", uzum)]
    await desk.type("schedules", "pause", "--all", "--company", "1")
    assert started_by_a_tick(desk, JOB) == started_by_a_tick(desk, STATUSES) == [theirs]
    await desk.type("schedules", "resume", "--all", "--company", "1")
    assert started_by_a_tick(desk, JOB) == [ours, theirs]


async def test_a_trigger_for_an_account_starts_that_account_s_job_once(desk: Desk) -> None:
    account, other = add(desk, 1), add(desk, 2)
    await desk.type("schedules", "pause", JOB, "--account", str(account))
    begun = await desk.type("schedules", "trigger", JOB, "--account", str(account))
    assert begun.out == f"started: sync-new-wildberries-orders/{account}\n"
    again = await desk.type("schedules", "trigger", JOB, "--account", str(account), "--json")
    assert again.json == {"started": [], "running": [f"sync-new-wildberries-orders/{account}"]}
    company = await desk.type("schedules", "trigger", JOB, "--company", "2", "--json")
    assert company.json["started"] == [f"sync-new-wildberries-orders/{other}"]


async def test_a_backfill_of_a_company_reads_its_accounts_alone(desk: Desk) -> None:
    add(desk, 1)
    theirs = add(desk, 2)
    dry = ("schedules", "backfill", BY_WINDOWS, "--since", "1d", "--dry-run")
    assert (await desk.type(*dry, "--company", "2", "--json")).json == {"would_read": [theirs]}
    said = f"{BY_WINDOWS} would read 1 account anew: {theirs}.\n"
    assert (await desk.type(*dry, "--company", "2")).out == said


async def test_what_does_not_fit_is_refused_in_a_sentence(desk: Desk) -> None:
    account, uzum = add(desk, 1), add(desk, 1, Marketplace.UZUM)
    for arguments, code, sentence in (
        (("pause", JOB, "--account", str(uzum)), 5, f"{JOB} is for wb accounts; account {uzum} is uzum."),
        (("pause", JOB, "--account", "99"), 3, "There is no account 99."),
        (("trigger", JOB, "--account", str(account), "--company", "2"), 3, f"There is no account {account}."),
        (("resume", JOB, "--company", "9"), 3, f"Company 9 has no account for {JOB}."),
        (("backfill", BY_WINDOWS, "--company", "9", "--since", "1d"), 3, f"Company 9 has no account for {BY_WINDOWS}."),
        (("pause", "RunAgentTaskRun"), 3, "RunAgentTaskRun has no schedule: it starts when somebody asks for it."),
    ):
        ran = await desk.type("schedules", *arguments)
        assert (ran.code, ran.sentence) == (code, sentence)
    unknown = await desk.type("schedules", "pause", "Nope")
    assert (unknown.code, "RunAgentTaskRun" in unknown.sentence, JOB in unknown.sentence) == (3, False, True)
    assert (await desk.type("schedules", "pause", JOB, "--for", "15m")).code == 2
    await desk.type("account", "pause", str(account))
    assert (await desk.type("schedules", "trigger", JOB, "--account", str(account))).code == 5


async def test_a_pause_goes_with_its_account(desk: Desk) -> None:
    account = add(desk, 1)
    await desk.type("schedules", "pause", "--all", "--account", str(account))
    await desk.type("account", "remove", str(account), "--yes")
    again = add(desk, 1)
    assert started_by_a_tick(desk, JOB) == [again]
