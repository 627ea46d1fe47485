"""SyncAllAccounts: one tick of one job's schedule."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.accounts import AccountActivities
    from activities.starts import StartActivities
    from sellermind.models.accounts import ListAccounts
    from sellermind.models.sync import StartJobs, SyncTick, TickReport
    from workflows.policies import DATABASE_READ, START_JOBS

AT_ONCE = 50
LONGEST_PAUSE_SECONDS = 1.0  # fewer than 50 starts a second: a small Temporal server goes on serving meanwhile


@workflow.defn
class SyncAllAccounts:
    """Start the job for every active account; an account still at work from an earlier tick is left alone."""

    @workflow.run
    async def run(self, tick: SyncTick) -> TickReport:
        """Start the accounts batch by batch; after a page of them continue as new with the next."""
        page = await workflow.execute_activity_method(
            AccountActivities.list_active_accounts,
            ListAccounts(marketplace=tick.marketplace, job=tick.job, after_id=tick.after_id),
            **DATABASE_READ,
        )
        started = tick.started
        for first in range(0, len(page.accounts), AT_ONCE):
            if first:
                await workflow.sleep(timedelta(seconds=min(LONGEST_PAUSE_SECONDS, tick.every_seconds / 60)))
            started += await workflow.execute_activity_method(
                StartActivities.start_account_jobs,
                StartJobs(job=tick.job, purpose=tick.purpose, accounts=page.accounts[first : first + AT_ONCE]),
                **START_JOBS,
            )
        still_running = tick.still_running + len(page.accounts) - (started - tick.started)
        if page.last_id is not None:
            changes = {"after_id": page.last_id, "started": started, "still_running": still_running}
            workflow.continue_as_new(tick.model_copy(update=changes))
        return TickReport(started=started, still_running=still_running)
