"""`make containers`: the image built, the dev compose file and the systemd unit run for real. It takes minutes."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fixtures.container_engine import BASE, FOLDER, Engine
from tests.fixtures.docker_files import DOCKER, KINDS, ROOT
from tests.fixtures.patience import wait_until

LOCAL = "sellermind-workflows:local"
DEV = DOCKER / "compose.dev.yaml"


@pytest.fixture(scope="module")
def engine() -> Engine:
    """An engine with the stand-in for the base image under its real name."""
    engine = Engine(FOLDER)
    if not engine.podman("images", "--quiet", BASE).strip():
        engine.podman("import", "--quiet", str(FOLDER / "base.tar"), BASE)
    return engine


@pytest.fixture(scope="module")
def image(engine: Engine) -> str:
    """The image of compose.dev.yaml."""
    engine.build(LOCAL, dockerfile=DOCKER / "Dockerfile", target="local")
    return LOCAL


@pytest.fixture(scope="module")
def dev(engine: Engine, image: str) -> Iterator[dict[str, list[str]]]:
    """compose.dev.yaml, up: the names of the containers by service."""
    assert image == LOCAL
    with engine.serving():
        try:
            engine.compose(DEV, "up", "--detach", "--no-build", "--quiet-pull")
            listed = [json.loads(line) for line in engine.compose(DEV, "ps", "--all", "--format=json").splitlines()]
            containers: dict[str, list[str]] = {}
            for container in listed:
                containers.setdefault(container["Service"], []).append(container["Name"])
            yield containers
        finally:
            engine.compose(DEV, "down", "--volumes", "--timeout=10")


def health(engine: Engine, serve: str) -> dict[str, Any]:
    """What `sellermind serve` says inside the containers."""
    ask = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8080/api/health/queue?strict=0').read().decode())"
    answer: dict[str, Any] = json.loads(engine.podman("exec", serve, "python", "-c", ask))
    return answer


def test_the_production_image_runs_as_nobody_in_particular_and_has_no_tools_for_builds(engine: Engine) -> None:
    engine.build("sellermind-workflows:test", dockerfile=DOCKER / "Dockerfile", target="production")
    shown = json.loads(engine.podman("image", "inspect", "sellermind-workflows:test"))[0]["Config"]
    assert (shown["User"], shown["StopSignal"]) == ("10001:10001", "SIGTERM")
    assert shown["Entrypoint"] == ["/app/.venv/bin/python", "-m"]
    looked = "ls -A /app; ls /opt; ls /app/.venv/bin"
    names = engine.podman("run", "--rm", "--entrypoint=/bin/sh", "sellermind-workflows:test", "-c", looked).split()
    assert not {"uv", "temporal", "tests", ".env", ".git", "pytest"} & set(names)
    assert {"workers", "workflows", "ops"} <= set(names)


def test_compose_brings_everything_up_and_orders_arrive(engine: Engine, dev: dict[str, list[str]]) -> None:
    assert [len(dev[f"worker-{kind}"]) for kind in KINDS] == [2, 2, 1]
    (serve,) = dev["serve"]
    ready = "/app/.venv/bin/python docker/answers.py http://127.0.0.1:8080/readyz && echo ready"
    wait_until(lambda: "ready" in engine.podman("exec", serve, "sh", "-c", ready, check=False), "ready")
    wait_until(lambda: engine.podman("healthcheck", "run", serve, check=False).strip() == "", "healthy")
    wait_until(lambda: [q["workers"] for q in health(engine, serve)["queues"].values()] == [2, 4, 1], "five workers")
    wait_until(lambda: health(engine, serve)["freshness"]["syncs"] >= 3, "fresh")
    state = health(engine, serve)
    assert (state["status"], state["failed"]) == ("healthy", 0)


def test_a_container_cannot_write_its_image_and_has_no_capability(engine: Engine, dev: dict[str, list[str]]) -> None:
    worker = dev["worker-low"][0]
    tried = engine.podman("exec", worker, "sh", "-c", "id -u; touch /app/x || echo refused; grep CapEff /proc/1/status")
    assert tried.split() == ["10001", "refused", "CapEff:", "0000000000000000"]


def test_a_stopped_worker_drains_and_ends_with_0_and_the_set_up_may_run_again(
    engine: Engine, dev: dict[str, list[str]]
) -> None:
    worker = dev["worker-high"][0]
    engine.podman("stop", worker)
    assert engine.podman("inspect", worker, "--format={{.State.ExitCode}}").strip() == "0"
    assert '"worker stopped"' in engine.podman("logs", worker)
    (setup,) = dev["setup"]
    assert engine.podman("inspect", setup, "--format={{.State.ExitCode}}").strip() == "0"
    engine.podman("start", "--attach", setup)
    accounts = json.loads(engine.podman("exec", dev["serve"][0], "python", "-m", "ops", "account", "list", "--json"))
    assert len(accounts) == 3


HOST = """\
FROM {base}
COPY --from=localhost/{image} /app /opt/sellermind
COPY units /etc/systemd/system
COPY workers /etc/sellermind/workers
COPY fixtures /opt/sellermind/tests/fixtures
COPY secrets /etc/sellermind/secrets
RUN useradd --system --user-group --no-create-home sellermind && chgrp -R sellermind /etc/sellermind/secrets
CMD ["/sbin/init"]
"""
TEMPORAL = """\
[Service]
ExecStart=/opt/sellermind/.venv/bin/temporal server start-dev --headless
"""
# A systemd in a container here cannot make the file system that LoadCredential needs.
NO_CREDENTIALS = """\
[Service]
LoadCredential=
SetCredential=
Environment=CREDENTIALS_DIRECTORY=/etc/sellermind/secrets
"""
# One instance works on a job that lasts, and is watched more closely; the others are as they are shipped.
WATCHED = """\
[Service]
ExecStart=
ExecStart=/opt/sellermind/.venv/bin/python -m tests.fixtures.small_worker ${WORKER}
WatchdogSec=5
"""
PREPARE = """\
systemctl start temporal
install -d -o sellermind -g sellermind -m 700 /var/lib/sellermind
cd /opt/sellermind
CREDENTIALS_DIRECTORY=/etc/sellermind/secrets .venv/bin/python -m ops db upgrade
chown -R sellermind: /var/lib/sellermind
"""


@pytest.fixture(scope="module")
def host(engine: Engine, image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A container with a real systemd as its first process, our unit and a Temporal server."""
    folder = tmp_path_factory.mktemp("host")
    shutil.copytree(DOCKER / "systemd" / "workers", folder / "workers")
    (folder / "fixtures").mkdir()
    for name in ("small_worker.py", "small_jobs.py"):
        shutil.copy(ROOT / "tests" / "fixtures" / name, folder / "fixtures")
    (folder / "secrets").mkdir()
    (folder / "secrets" / "sellermind_database_url").write_text("sqlite:////var/lib/sellermind/sellermind.db")
    (folder / "secrets" / "sellermind_secret_keys").write_text("c2VsbGVybWluZC1hLWtleS1vZi10aGUtdGVzdHMtMzI=")
    drop_in = folder / "units" / "sellermind-worker@high-1.service.d"
    drop_in.mkdir(parents=True)
    (drop_in / "test.conf").write_text(WATCHED)
    (folder / "units" / "temporal.service").write_text(TEMPORAL)
    for unit in ("sellermind-worker@.service", "sellermind-serve.service"):
        (folder / "units" / f"{unit}.d").mkdir()
        (folder / "units" / f"{unit}.d" / "no-credentials.conf").write_text(NO_CREDENTIALS)
        shutil.copy(DOCKER / "systemd" / unit, folder / "units")
    (folder / "Dockerfile").write_text(HOST.format(base=BASE, image=image))
    engine.build("sellermind-host", dockerfile=folder / "Dockerfile", context=folder)
    name = "sellermind-host"
    engine.podman("run", "--detach", "--rm", f"--name={name}", "--privileged", "--systemd=always", "sellermind-host")
    try:
        booted = {"running", "degraded"}
        wait_until(lambda: on(engine, name, "systemctl is-system-running").strip() in booted, "booted")
        on(engine, name, PREPARE)
        yield name
    finally:
        engine.podman("rm", "--force", "--time=0", name)


def on(engine: Engine, host: str, line: str) -> str:
    """Run a shell line on the host."""
    return engine.podman("exec", host, "sh", "-c", line, check=False)


def shown(engine: Engine, host: str, name: str, instance: str = "high-1") -> str:
    """A property of an instance of the unit."""
    return on(engine, host, f"systemctl show --property={name} --value sellermind-worker@{instance}").strip()


def test_systemd_calls_all_five_workers_started_when_they_poll(engine: Engine, host: str) -> None:
    names = " ".join(f"sellermind-worker@{name}" for name in ("high-1", "high-2", "default-1", "default-2", "low-1"))
    said = on(engine, host, f"systemctl enable --now {names} 2>&1 || systemctl status --no-pager {names}")
    assert on(engine, host, f"systemctl is-active {names}").split() == ["active"] * 5, said
    for instance in ("high-2", "low-1"):
        assert '"worker ready"' in on(engine, host, f"journalctl --no-pager -u sellermind-worker@{instance}")
    assert "temporal_num_pollers" in on(engine, host, 'python3 -c "import urllib.request as r; '
        "print(r.urlopen('http://127.0.0.1:9311/metrics').read().decode())\"")  # fmt: skip


def test_serve_answers_under_systemd(engine: Engine, host: str) -> None:
    on(engine, host, "systemctl enable --now sellermind-serve")
    ask = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8080/readyz').status)"
    wait_until(lambda: on(engine, host, f'python3 -c "{ask}"').strip() == "200", "answers")
    assert on(engine, host, "systemctl is-active sellermind-serve").strip() == "active"


def test_the_running_unit_is_hardly_exposed_and_its_limits_hold(engine: Engine, host: str) -> None:
    looked = on(engine, host, "systemd-analyze security --no-pager sellermind-worker@high-2.service")
    level = re.search(r"exposure level for \S+: ([\d.]+)", looked)
    assert level
    assert float(level[1]) <= 1.5
    assert shown(engine, host, "MemoryMax", "high-2") == str(1 << 30)


def test_a_restart_lets_the_running_job_finish_first(engine: Engine, host: str) -> None:
    start = "/opt/sellermind/.venv/bin/temporal workflow start --type Nap --task-queue high --workflow-id nap"
    on(engine, host, f"systemctl stop sellermind-worker@high-2; {start} --input '\"nap\"' --input 8")
    time.sleep(2)
    before = time.monotonic()
    on(engine, host, "systemctl stop sellermind-worker@high-1")
    assert time.monotonic() - before > 3
    assert (shown(engine, host, "Result"), shown(engine, host, "ExecMainStatus")) == ("success", "0")
    on(engine, host, "systemctl start sellermind-worker@high-1 sellermind-worker@high-2")


def test_the_watchdog_ends_a_frozen_worker_and_systemd_starts_it_again(engine: Engine, host: str) -> None:
    pid = int(shown(engine, host, "MainPID"))
    assert pid > 1
    on(engine, host, f"kill -STOP {pid}")
    wait_until(lambda: shown(engine, host, "MainPID") not in {str(pid), "0"}, "restarted")
    wait_until(lambda: shown(engine, host, "ActiveState") == "active", "ready again")
    assert "watchdog" in on(engine, host, "journalctl --no-pager -u sellermind-worker@high-1 | grep -i 'result'")
