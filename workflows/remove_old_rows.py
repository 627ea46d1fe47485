"""RemoveOldRows: the daily end of rows that grow with time and not with the business."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.retention import RetentionActivities
    from sellermind.models.retention import OldRows, RemovedRows, Retention
    from workflows.policies import REMOVAL


@workflow.defn
class RemoveOldRows:
    """One kind of rows after the other, the whole installation's."""

    @workflow.run
    async def run(self, retention: Retention) -> RemovedRows:
        """Remove what is past its age as of now, however long it takes."""
        now = workflow.now()
        removed = {}
        for kind, days in retention.days.items():
            if days:
                old = OldRows(kind=kind, before=now - timedelta(days=days))
                removed[kind] = await workflow.execute_activity_method(
                    RetentionActivities.remove_old_rows, old, **REMOVAL
                )
        return RemovedRows(removed=removed)
