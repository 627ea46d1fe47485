"""SyncUzumOrders: orders of Uzum come into `uzum_orders`."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.uzum import UzumActivities
    from sellermind.models.sync import SyncAccount, SyncReport
    from workflows.policies import MARKETPLACE_SYNC


@workflow.defn
class SyncUzumOrders:
    """Pull the orders of one seller's Uzum shops, status by status (GET /v2/fbs/orders)."""

    @workflow.run
    async def run(self, job: SyncAccount) -> SyncReport:
        """One activity, whatever the number of pages; its progress is kept in `sync_cursors`."""
        return await workflow.execute_activity_method(UzumActivities.pull_uzum_orders, job, **MARKETPLACE_SYNC)
