"""The workflow of plain Temporal: in a file of its own, since the sandbox of workflows loads all that it imports."""

from datetime import timedelta

from temporalio import workflow


@workflow.defn
class PlainSync:
    """One account, an activity a page."""

    @workflow.run
    async def run(self, account_id: int, token: str, windows: int) -> int:
        """Give the number of orders stored."""
        stored = 0
        for number in range(windows):
            cursor: int | None = 0
            while cursor is not None:
                found: tuple[int, int | None] = await workflow.execute_activity(
                    "store_page",
                    args=[account_id, token, number, cursor],
                    start_to_close_timeout=timedelta(seconds=60),
                    result_type=tuple[int, int | None],
                )
                stored, cursor = stored + found[0], found[1]
        return stored
