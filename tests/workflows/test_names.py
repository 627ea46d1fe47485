"""Names that running histories hold. Changing one is a migration: old runs would find nobody who knows it."""

from temporalio import activity, workflow

from activities.accounts import AccountActivities
from activities.starts import StartActivities
from activities.wildberries import WildberriesActivities
from sellermind import ids
from sellermind.queues import TaskQueue
from workflows.catalog import JOBS, WORKFLOWS

WORKFLOW_TYPES = {"SyncAllAccounts", "SyncNewWildberriesOrders"}
ACTIVITY_TYPES = {"start_account_jobs", "list_active_accounts", "pull_new_wildberries_orders"}


def activity_types(*groups: type) -> set[str]:
    methods = [method for group in groups for method in vars(group).values()]
    definitions = [getattr(method, "__temporal_activity_definition", None) for method in methods]
    return {str(definition.name) for definition in definitions if definition}


def test_workflow_types_stay() -> None:
    names = {workflow._Definition.must_from_class(kind).name for kind in WORKFLOWS}  # noqa: SLF001 (no public way)
    assert names == WORKFLOW_TYPES


def test_activity_types_stay() -> None:
    assert activity_types(AccountActivities, StartActivities, WildberriesActivities) == ACTIVITY_TYPES


def test_the_mark_of_an_activity_is_still_where_the_registry_looks_for_it() -> None:
    @activity.defn
    def probe() -> None: ...

    assert getattr(probe, "__temporal_activity_definition").name == "probe"


def test_task_queues_stay() -> None:
    assert [queue.value for queue in TaskQueue] == ["high", "default", "low"]
    assert {job.name: job.task_queue.value for job in JOBS} == {"SyncNewWildberriesOrders": "high"}


def test_workflow_ids_stay_and_name_their_account() -> None:
    assert ids.account_job("SyncNewWildberriesOrders", 7) == "sync-new-wildberries-orders/7"
    assert ids.account_of("sync-new-wildberries-orders/7") == 7
    assert ids.account_of("sync-all-accounts/sync-new-wildberries-orders") is None
    assert ids.fan_out("SyncNewWildberriesOrders") == "sync-all-accounts/sync-new-wildberries-orders"
