"""SyncNewWildberriesOrders: orders that Wildberries shows as new come into `wb_orders`."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.wildberries import WildberriesActivities
    from sellermind.models.sync import SyncAccount, SyncReport
    from workflows.policies import MARKETPLACE_SYNC


@workflow.defn
class SyncNewWildberriesOrders:
    """Pull the new orders of one seller's account (GET /api/v3/orders/new)."""

    @workflow.run
    async def run(self, job: SyncAccount) -> SyncReport:
        """One activity, whatever the number of orders; its progress is kept in `sync_cursors`."""
        return await workflow.execute_activity_method(
            WildberriesActivities.pull_new_wildberries_orders, job, **MARKETPLACE_SYNC
        )
