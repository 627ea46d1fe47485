"""Names that running histories hold. Changing one is a migration: old runs would find nobody who knows it."""

from collections.abc import Iterator

import pytest
from temporalio import activity, workflow

from sellermind import ids
from sellermind.queues import TaskQueue
from sellermind.settings import Settings
from workers.registry import Registry, build
from workflows.catalog import ON_DEMAND, SCHEDULED

WORKFLOW_TYPES = {
    "ProcessGenerationTask": "low",
    "ReconcileWildberriesOrders": "default",
    "RemoveOldRows": "low",
    "RunAgentTaskRun": "low",
    "SyncNewWildberriesOrders": "high",
    "SyncUzumOrders": "high",
    "SyncWildberriesSupplies": "default",
    "UpdateWildberriesOrdersStatus": "high",
}
ACTIVITY_TYPES = {
    "ask_agent_model",
    "expire_agent_call",
    "fail_generation_item",
    "finish_agent_turn",
    "finish_generation_task",
    "generate_item",
    "hold_agent_turn",
    "list_active_accounts",
    "open_agent_turn",
    "plan_generation_task",
    "pull_new_wildberries_orders",
    "pull_uzum_orders",
    "pull_wildberries_supplies",
    "reconcile_wildberries_orders",
    "record_agent_decision",
    "remove_old_rows",
    "resume_queue",
    "run_agent_tool",
    "start_account_jobs",
    "update_wildberries_order_statuses",
}


@pytest.fixture
def registry(sqlite_url: str) -> Iterator[Registry]:
    built = build(Settings(_env_file=None, database_url=sqlite_url))
    yield built
    built.close()


def test_workflow_types_and_their_queues_stay(registry: Registry) -> None:
    names = {workflow._Definition.must_from_class(kind).name for kind in registry.workflows}  # noqa: SLF001 (no public way)
    assert names == {*WORKFLOW_TYPES, "SyncAllAccounts", "ResumeQueue"}
    assert {job.name: job.task_queue.value for job in (*SCHEDULED, *ON_DEMAND)} == WORKFLOW_TYPES


def test_activity_types_stay(registry: Registry) -> None:
    marks = [getattr(method, "__temporal_activity_definition") for method in registry.activities]
    assert {mark.name for mark in marks} == ACTIVITY_TYPES


def test_the_mark_of_an_activity_is_still_where_the_registry_looks_for_it() -> None:
    @activity.defn
    def probe() -> None: ...

    assert getattr(probe, "__temporal_activity_definition").name == "probe"


def test_task_queues_stay() -> None:
    assert [queue.value for queue in TaskQueue] == ["high", "default", "low"]


def test_workflow_ids_stay_and_name_their_account() -> None:
    assert ids.account_job("SyncNewWildberriesOrders", 7) == "sync-new-wildberries-orders/7"
    assert ids.account_of("sync-new-wildberries-orders/7") == 7
    assert ids.account_of("sync-all-accounts/sync-new-wildberries-orders") is None
    assert ids.fan_out("SyncNewWildberriesOrders") == "sync-all-accounts/sync-new-wildberries-orders"
