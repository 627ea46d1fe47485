"""ReconcileWildberriesOrders: orders that lived and died between two looks come into `wb_orders`."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.wildberries import WildberriesActivities
    from sellermind.models.sync import SyncAccount, SyncReport
    from workflows.policies import MARKETPLACE_SYNC


@workflow.defn
class ReconcileWildberriesOrders:
    """Read one seller's order listing again (GET /api/v3/orders), with the statuses of what it brings."""

    @workflow.run
    async def run(self, job: SyncAccount) -> SyncReport:
        """One activity, whatever the number of pages; its progress is kept in `sync_cursors`."""
        return await workflow.execute_activity_method(
            WildberriesActivities.reconcile_wildberries_orders, job, **MARKETPLACE_SYNC
        )
