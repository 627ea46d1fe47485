"""The files of docker/supervisor under a real supervisord: what dies comes back, a stop drains, nothing is lost."""

import asyncio
import getpass
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.fixtures.docker_files import DOCKER, KINDS, ROOT, TOOLS
from tests.fixtures.worker_process import Site

PATIENCE = 60

MAIN = """\
[supervisord]
nodaemon=true
logfile={folder}/supervisord.log
pidfile={folder}/supervisord.pid
[unix_http_server]
file={folder}/control
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{folder}/control
[include]
files={folder}/*.conf
"""


def adapt(text: str, folder: Path) -> str:
    """A file of docker/supervisor for this checkout and user, with jobs that a test can watch."""
    for deployed, here in (
        ("/opt/sellermind", str(ROOT)),
        ("/etc/sellermind", str(folder)),
        ("/var/log/sellermind", str(folder)),
        ("user=sellermind", f"user={getpass.getuser()}"),
        ("startsecs=10", "startsecs=1"),  # supervisorctl start waits for it
    ):
        text = text.replace(deployed, here)
    text = re.sub(r"127\.0\.0\.1:93\d%\(process_num\)d", "127.0.0.1:0", text)
    return re.sub(r"-m workers\.(\w+)", r"-m tests.fixtures.small_worker \1", text)


@asynccontextmanager
async def supervisord(folder: Path, environment: dict[str, str]) -> AsyncIterator[None]:
    """Run supervisord on the adapted files for the length of a block."""
    for kind in KINDS:
        name = f"sellermind-{kind}.conf"
        (folder / name).write_text(adapt((DOCKER / "supervisor" / name).read_text(), folder))
    (folder / "main").write_text(MAIN.format(folder=folder))
    process = await asyncio.create_subprocess_exec(
        *(str(TOOLS / "supervisord"), "--configuration", str(folder / "main")),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0


async def ctl(folder: Path, *arguments: str) -> str:
    """Ask supervisorctl."""
    line = (str(TOOLS / "supervisorctl"), "--configuration", str(folder / "main"), *arguments)
    process = await asyncio.create_subprocess_exec(*line, stdout=asyncio.subprocess.PIPE)
    said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    return said.decode()


async def logged(folder: Path, process: str, words: str, times: int = 1) -> str:
    """Wait until a process has logged something so many times; the line."""
    log = folder / f"{process}.log"
    async with asyncio.timeout(PATIENCE):
        while True:
            lines = [line for line in log.read_text().splitlines() if words in line] if log.exists() else []
            if len(lines) >= times:
                return lines[-1]
            await asyncio.sleep(0.1)


async def test_supervisor_runs_five_workers_respawns_a_killed_one_and_drains_at_a_stop(
    site: Site, tmp_path: Path
) -> None:
    async with supervisord(tmp_path, site.environment):
        names = [f"sellermind-{name}" for name in ("high_00", "high_01", "default_00", "default_01", "low_00")]
        await asyncio.gather(*(logged(tmp_path, name, "worker ready") for name in names))

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
