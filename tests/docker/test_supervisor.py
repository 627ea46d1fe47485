"""The files of docker/supervisor under a real supervisord: what dies comes back, a stop drains, nothing is lost."""

import asyncio
import os
import signal
from pathlib import Path

from tests.fixtures.supervisor import PROCESSES, ctl, logged, supervisord
from tests.fixtures.worker_process import Site


async def test_supervisor_runs_five_workers_and_serve_respawns_a_killed_one_and_drains_at_a_stop(
    site: Site, tmp_path: Path
) -> None:
    async with supervisord(tmp_path, site.environment, r"tests.fixtures.small_worker \1"):
        await asyncio.gather(*(logged(tmp_path, name, "worker ready") for name in PROCESSES))

        await logged(tmp_path, "sellermind-serve", "/api/health/queue")

        pid = int(await ctl(tmp_path, "pid", "sellermind-low:sellermind-low_00"))
        os.kill(pid, signal.SIGKILL)
        await logged(tmp_path, "sellermind-low_00", "worker ready", times=2)
        assert int(await ctl(tmp_path, "pid", "sellermind-low:sellermind-low_00")) != pid

        run = await site.start("nap", 4.0, queue="low")
        await logged(tmp_path, "sellermind-low_00", "napping")
        assert "stopped" in await ctl(tmp_path, "stop", "sellermind-low:*")
        assert '"exit_code": 0' in await logged(tmp_path, "sellermind-low_00", "worker stopped")
        assert "STOPPED" in await ctl(tmp_path, "status", "sellermind-low:*")
        await ctl(tmp_path, "start", "sellermind-low:*")
        assert await run.result() == 1
