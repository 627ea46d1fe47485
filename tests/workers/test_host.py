"""What a worker process tells its host: systemd, Prometheus; and the secrets that the host gives it."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fixtures.patience import PATIENCE
from tests.fixtures.ports import free_port
from tests.fixtures.worker_process import Site, started


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket that systemd would read."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.settimeout(PATIENCE)
        yield channel


def heard(channel: socket.socket, wanted: str) -> list[str]:
    """Everything said up to the wanted word."""
    said: list[str] = []
    while wanted not in said:
        said.append(channel.recv(100).decode())
    return said


async def test_systemd_hears_ready_signs_of_life_and_stopping_and_is_not_left_without_them_in_a_drain(
    site: Site, systemd: socket.socket, tmp_path: Path
) -> None:
    given = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "600000"}
    run = await site.start("nap", 2.0)
    async with started("high", environment=site.environment | given) as worker:
        before = await asyncio.to_thread(heard, systemd, "READY=1")
        assert set(before[:-1]) == {"WATCHDOG=1"}
        await worker.said("napping")
        worker.signal(signal.SIGTERM)
        await asyncio.to_thread(heard, systemd, "STOPPING=1")
        assert systemd.recv(100) == b"WATCHDOG=1"
        assert await worker.ended() == (0, "")
    async with started("high", environment=site.environment):
        assert await run.result() == 1


async def test_a_frozen_worker_is_silent_so_that_the_watchdog_ends_it(
    site: Site, systemd: socket.socket, tmp_path: Path
) -> None:
    given = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "300000"}
    async with started("high", environment=site.environment | given) as worker:
        await asyncio.to_thread(heard, systemd, "READY=1")
        worker.signal(signal.SIGSTOP)
        systemd.settimeout(0.5)
        with pytest.raises(TimeoutError):
            await asyncio.to_thread(heard, systemd, "never")


async def test_a_worker_goes_on_when_systemd_does_not_listen(site: Site, tmp_path: Path) -> None:
    async with started("high", environment=site.environment | {"NOTIFY_SOCKET": str(tmp_path / "gone")}) as worker:
        assert (await worker.said("systemd does not hear us"))["state"] == "READY=1"
        await worker.said("worker ready")


async def test_prometheus_reads_a_workers_slots_and_polls_where_the_settings_say(site: Site) -> None:
    address = f"127.0.0.1:{free_port()}"
    async with started("high", environment=site.environment | {"SELLERMIND_METRICS_ADDRESS": address}) as worker:
        await worker.said("worker ready")
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(timeout=PATIENCE) as http:
            while "temporal_num_pollers" not in (page := (await http.get(f"http://{address}/metrics")).text):
                await asyncio.sleep(0.1)
        assert 'task_queue="high"' in page
        async with started("high", environment=site.environment | {"SELLERMIND_METRICS_ADDRESS": address}) as second:
            code, stderr = await second.ended()
    assert code == 1
    assert stderr.startswith(f"SELLERMIND_METRICS_ADDRESS {address} cannot be used (")


async def test_settings_come_from_files_of_secrets_and_the_environment_wins(site: Site, tmp_path: Path) -> None:
    environment = dict(site.environment)
    (tmp_path / "sellermind_database_url").write_text(environment.pop("SELLERMIND_DATABASE_URL") + "\n")
    (tmp_path / "sellermind_log_level").write_text("nonsense\n")
    given = {"CREDENTIALS_DIRECTORY": str(tmp_path), "SELLERMIND_LOG_LEVEL": "INFO"}
    async with started("high", environment=environment | given) as worker:
        await worker.said("worker ready")
