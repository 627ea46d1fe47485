"""Worker processes that end by themselves, and with which exit code."""

from temporalio.client import WorkflowExecutionStatus

from tests.fixtures.worker_process import Site, started


async def test_once_takes_one_job_to_its_end_and_no_second(site: Site) -> None:
    runs = [await site.start("nap", 0.1) for _ in range(3)]
    async with started("high", "--once", environment=site.environment) as worker:
        assert await worker.ended() == (0, "")
    done = [(await run.describe()).status is WorkflowExecutionStatus.COMPLETED for run in runs]
    assert sorted(done) == [False, False, True]
    assert worker.events.count("napping") == 1


async def test_once_looks_at_high_before_default(site: Site) -> None:
    later, first = await site.start("nap", 0.1, "default"), await site.start("nap", 0.1, "high")
    async with started("high", "--once", environment=site.environment) as worker:
        assert await worker.ended() == (0, "")
    assert (await first.describe()).status is WorkflowExecutionStatus.COMPLETED
    assert (await later.describe()).status is WorkflowExecutionStatus.RUNNING


async def test_once_ends_with_0_when_no_job_comes(site: Site) -> None:
    async with started("low", "--once", environment=site.environment) as worker:
        assert await worker.ended() == (0, "")
    assert worker.events == ["worker stopped"]


async def test_stop_when_empty_works_off_both_queues_first(site: Site) -> None:
    runs = [await site.start("nap", 0.5, queue) for queue in ("high", "default") for _ in range(5)]
    async with started("high", "--stop-when-empty", environment=site.environment) as worker:
        assert await worker.ended() == (0, "")
    assert [await run.result() for run in runs] == [1] * 10


async def test_max_jobs_stops_after_so_many(site: Site) -> None:
    for _ in range(4):
        await site.start("nap", 0.1)
    async with started("high", "--max-jobs", "2", "--concurrency", "1", environment=site.environment) as worker:
        assert await worker.ended() == (0, "")
    assert worker.events.count("napping") == 2


async def test_max_time_stops_after_so_long_but_finishes_the_running_job(site: Site) -> None:
    run = await site.start("nap", 4.0)
    async with started("high", "--max-time", "3", environment=site.environment) as worker:
        await worker.said("napping")
        assert await worker.ended() == (0, "")
        async with started("high", environment=site.environment):
            assert await run.result() == 1


async def test_memory_stops_with_12_after_the_job_that_took_it(site: Site) -> None:
    await site.start("swell", 0.1)
    async with started("high", "--memory", "180", environment=site.environment) as worker:
        assert await worker.ended() == (12, "")
    assert (await worker.said("worker stopped"))["reason"].endswith("MB, over --memory 180")


async def test_concurrency_bounds_the_jobs_at_a_time(site: Site) -> None:
    runs = [await site.start("nap", 0.5) for _ in range(4)]
    async with started("high", "--concurrency", "2", environment=site.environment) as worker:
        assert [await run.result() for run in runs] == [1] * 4
    times = worker.times("napping")
    assert (times[2] - times[0]).total_seconds() >= 0.5
