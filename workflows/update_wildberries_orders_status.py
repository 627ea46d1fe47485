"""UpdateWildberriesOrdersStatus: orders that have not ended get the statuses that Wildberries says they have."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.wildberries import WildberriesActivities
    from sellermind.models.sync import SyncAccount, SyncReport
    from workflows.policies import MARKETPLACE_SYNC


@workflow.defn
class UpdateWildberriesOrdersStatus:
    """Refresh the statuses of one seller's open orders (POST /api/v3/orders/status)."""

    @workflow.run
    async def run(self, job: SyncAccount) -> SyncReport:
        """One activity, whatever the number of pages; its progress is kept in `sync_cursors`."""
        return await workflow.execute_activity_method(
            WildberriesActivities.update_wildberries_order_statuses, job, **MARKETPLACE_SYNC
        )
