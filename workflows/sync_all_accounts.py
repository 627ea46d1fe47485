"""SyncAllAccounts: one tick of one job's schedule."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from activities.accounts import AccountActivities
    from sellermind.models.accounts import AccountRef, ListAccounts
    from sellermind.models.sync import SyncAccount, SyncTick, TickReport
    from sellermind.starts import start_options
    from workflows.policies import DATABASE_CALL

AT_ONCE = 50
LONGEST_PAUSE_SECONDS = 2.0  # 25 starts a second: what a small Temporal server takes without the tenants noticing


@workflow.defn
class SyncAllAccounts:
    """Start the job for every active account; an account still at work from an earlier tick is left alone."""

    @workflow.run
    async def run(self, tick: SyncTick) -> TickReport:
        """Start one batch of accounts, then continue as new with the next, until none is left."""
        page = await workflow.execute_activity_method(
            AccountActivities.list_active_accounts,
            ListAccounts(marketplace=tick.marketplace, job=tick.job, after_id=tick.after_id),
            **DATABASE_CALL,
        )
        started = 0
        for first in range(0, len(page.accounts), AT_ONCE):
            if first:
                await workflow.sleep(timedelta(seconds=min(LONGEST_PAUSE_SECONDS, tick.every_seconds / 40)))
            batch = page.accounts[first : first + AT_ONCE]
            started += sum(await asyncio.gather(*(self._start(tick, account) for account in batch)))
        report = TickReport(
            started=tick.started + started,
            still_running=tick.still_running + len(page.accounts) - started,
        )
        if page.last_id is not None:
            workflow.continue_as_new(tick.model_copy(update={**report.model_dump(), "after_id": page.last_id}))
        return report

    async def _start(self, tick: SyncTick, account: AccountRef) -> bool:
        """Start one account's job; False if it is still running: its workflow id is the account's lock."""
        try:
            await workflow.start_child_workflow(
                tick.job,
                SyncAccount(account_id=account.id),
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                **start_options(tick.job, account, tick.purpose),
            )
        except WorkflowAlreadyStartedError:
            return False
        return True
