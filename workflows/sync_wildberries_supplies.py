"""SyncWildberriesSupplies: supplies, their orders and their boxes."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.wildberries_supplies import WildberriesSupplyActivities
    from sellermind.models.sync import SyncAccount, SyncReport
    from workflows.policies import MARKETPLACE_SYNC


@workflow.defn
class SyncWildberriesSupplies:
    """Pull the supplies of one seller's account (GET /api/v3/supplies and what is in them)."""

    @workflow.run
    async def run(self, job: SyncAccount) -> SyncReport:
        """One activity, whatever the number of pages; its progress is kept in `sync_cursors`."""
        return await workflow.execute_activity_method(
            WildberriesSupplyActivities.pull_wildberries_supplies, job, **MARKETPLACE_SYNC
        )
