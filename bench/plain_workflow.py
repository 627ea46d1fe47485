"""The workflow of plain Temporal: in a file of its own, since the sandbox of workflows loads all that it imports."""

from datetime import timedelta

from temporalio import workflow


@workflow.defn
class PlainSync:
    """One account, an activity a window."""

    @workflow.run
    async def run(self, account_id: int, token: str, windows: int) -> int:
        """Give the number of orders stored."""
        stored = 0
        for number in range(windows):
            found: int = await workflow.execute_activity(
                "store_window", args=[account_id, token, number], start_to_close_timeout=timedelta(seconds=60)
            )
            stored += found
        return stored
