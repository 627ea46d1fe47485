"""How worker processes end when they are told to."""

import asyncio
import signal
import time
from pathlib import Path

from tests.fixtures.patience import until
from tests.fixtures.proc import hears
from tests.fixtures.worker_process import Site, started


async def test_sigterm_waits_for_the_running_job_and_ends_with_0(site: Site) -> None:
    run = await site.start("nap", 1.5)
    async with started("high", environment=site.environment) as worker:
        await worker.said("napping")
        worker.signal(signal.SIGTERM)
        assert await worker.ended() == (0, "")
        async with started("high", environment=site.environment):
            assert await run.result() == 1


async def test_a_job_longer_than_the_grace_goes_on_in_another_process(site: Site) -> None:
    run = await site.start("nap", 3.0)
    async with started("high", environment=site.environment | {"SELLERMIND_GRACE_HIGH": "1"}) as worker:
        await worker.said("napping")
        worker.signal(signal.SIGINT)
        assert await worker.ended() == (0, "")
        async with started("high", environment=site.environment):
            assert await run.result() == 2


async def test_a_second_signal_ends_at_once_with_1_and_says_so(site: Site) -> None:
    await site.start("nap", 20.0)
    async with started("high", environment=site.environment) as worker:
        await worker.said("napping")
        worker.signal(signal.SIGTERM)
        await worker.said("stopping: running activities may finish, a second signal ends at once")
        before = time.monotonic()
        worker.signal(signal.SIGTERM)
        assert await worker.ended() == (1, "")
        assert time.monotonic() - before < 15
        assert worker.events[-1].startswith("second signal: ending at once")


async def test_a_signal_at_any_moment_of_the_start_ends_the_real_worker_at_once(site: Site) -> None:
    nobody = site.environment | {"TEMPORAL_ADDRESS": "127.0.0.1:1"}

    async def seconds_to_end(delay: float) -> float:
        async with started(environment=nobody, module="workers.high") as worker:
            await until(lambda: hears(worker.pid, signal.SIGTERM), "Python itself has started")
            await asyncio.sleep(delay)
            before = time.monotonic()
            worker.signal(signal.SIGTERM)
            assert await worker.ended() == (0, "")
            return time.monotonic() - before

    assert max(await asyncio.gather(*map(seconds_to_end, (0.0, 0.4, 1.5, 3.0)))) < 15


async def test_the_ready_file_is_there_while_the_queues_are_polled(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "ready"
    file.write_text("of a killed process")
    async with started("high", "--ready-file", str(file), environment=site.environment) as worker:
        ready = await worker.said("worker ready")
        assert worker.events == ["worker ready"]
        assert file.read_text() == f"{ready['pid']}\n"
        assert (ready["queues"], ready["slots"]) == ("high default", 18)
        await site.start("nap", 4.0)
        await worker.said("napping")
        worker.signal(signal.SIGTERM)
        await until(lambda: not file.exists(), "the ready file is gone")
        assert "worker stopped" not in worker.events
        assert await worker.ended() == (0, "")
