"""`sellermind serve` over real HTTP, with Temporal there and away."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy.engine import make_url

from ops.queues.overview import Overview
from sellermind.models.sync import OpenRun, SyncProgress
from sellermind.storage import cursors, schema
from sellermind.storage.engine import build_engine, transaction
from tests.fixtures.desk import Desk
from tests.fixtures.patience import PATIENCE
from tests.fixtures.proxy import CALM, Proxy, Weather, proxy_to
from tests.fixtures.serving import serving

JOB = "SyncNewWildberriesOrders"
HASTY = {"SELLERMIND_ANSWER_WITHIN": "2"}
IN_TIME = 10.0  # s; without a limit of ours a frozen server holds its calls for half a minute


async def test_health_has_the_seed_s_keys_and_metrics_the_freshness(working: Desk) -> None:
    account, now = working.add_account(), datetime.now(UTC)
    with transaction(working.engine) as connection:
        cursors.open_run(connection, account, JOB, "run", now)
        cursors.finish(connection, OpenRun(account_id=account, job=JOB, run_id="run"), SyncProgress(), now)
    await working.fail("served/1")
    await working.start("served/2", queue="low")
    with serving(working.environment) as http:
        answer = http.get("/api/health/queue")
        assert answer.status_code == 200
        body = answer.json()
        assert http.get("/api/health/queue").json()["checked_at"] == body["checked_at"]
        assert {key: body[key] for key in ("driver", "status", "pending", "failed", "stuck")} == {
            "driver": "temporal",
            "status": "healthy",
            "pending": 1,
            "failed": 1,
            "stuck": 0,
        }
        assert body["queues"]["low"] | {"oldest_seconds": 0} == {
            "backlog": 1,
            "oldest_seconds": 0,
            "workers": 0,
            "paused": False,
        }
        assert body["freshness"] == {"syncs": 1, "stale": 0}
        assert http.get("/readyz").json() == {"status": "ready"}
        assert http.head("/livez").status_code == 200
        assert http.get("/api/other").status_code == 404
        assert http.post("/api/health/queue").status_code == 404
        lines = http.get("/metrics").text.splitlines()
        assert "sellermind_failed_current 1" in lines
        assert 'sellermind_queue_backlog{queue="low"} 1' in lines
        (fresh,) = (line for line in lines if line.startswith("sellermind_sync_last_success_timestamp{"))
        assert fresh == f'{fresh.partition("{")[0]}{{account="{account}",job="{JOB}"}} {now.timestamp():.0f}'


@pytest.mark.parametrize(
    "broken",
    [
        {"TEMPORAL_ADDRESS": "127.0.0.1:1", "TEMPORAL_API_KEY": "canary-secret", "TEMPORAL_TLS": "false"},
        {"SELLERMIND_DATABASE_URL": "mysql+pymysql://root:canary-secret@127.0.0.1:1/sellermind"},
    ],
)
def test_what_is_away_is_unhealthy_in_time_and_leaks_nothing(desk: Desk, broken: dict[str, str]) -> None:
    with serving({**desk.environment, **HASTY, **broken}) as http:
        assert (http.get("/livez").status_code, http.post("/livez").status_code) == (200, 404)
        began = time.monotonic()
        answer = http.get("/api/health/queue")
        assert time.monotonic() - began < IN_TIME
        assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
        assert http.get("/api/health/queue?strict=0").status_code == 200
        assert http.get("/readyz").status_code == 503
        assert http.get("/metrics").text == "# TYPE sellermind_up gauge\nsellermind_up 0\n"
        assert not any(secret in answer.text for secret in ("canary-secret", "127.0.0.1", "root"))


@pytest.mark.parametrize("frozen", ["temporal", "database"])
async def test_what_freezes_while_we_serve_is_told_in_time_and_so_is_its_return(
    desk: Desk, mariadb_url: str, frozen: str
) -> None:
    with _through_a_proxy(desk, mariadb_url, frozen) as (proxy, environment):
        await asyncio.to_thread(_freeze_and_thaw, proxy, environment)


@contextmanager
def _through_a_proxy(desk: Desk, url: str, frozen: str) -> Iterator[tuple[Proxy, dict[str, str]]]:
    """A MariaDB and a Temporal, one of them behind a proxy, and the environment that names them."""
    engine = build_engine(url)
    schema.upgrade(engine)
    engine.dispose()
    if frozen == "temporal":
        with proxy_to(desk.environment["TEMPORAL_ADDRESS"]) as proxy:
            yield proxy, desk.environment | {"SELLERMIND_DATABASE_URL": url, "TEMPORAL_ADDRESS": proxy.address}
        return
    server = make_url(url)
    with proxy_to(f"{server.host}:{server.port}") as proxy:
        through = server.set(port=proxy.port)
        yield proxy, desk.environment | {"SELLERMIND_DATABASE_URL": through.render_as_string(hide_password=False)}


def _freeze_and_thaw(proxy: Proxy, environment: dict[str, str]) -> None:
    with serving(environment | HASTY) as http:
        _until(http, 200)
        proxy.weather = Weather(requests_held=True)
        answer = _until(http, 503).json()
        assert answer["status"] == "unhealthy"
        assert answer["error"] in ("Timeout: no answer within 2 s", "Unavailable: the database does not answer")
        assert http.get("/readyz").status_code == 503
        assert http.get("/livez").status_code == 200
        proxy.weather = CALM
        assert _until(http, 200).json()["status"] == "healthy"


def _until(http: httpx.Client, status: int) -> httpx.Response:
    """Ask until the answer is of that status: it may be as old as five seconds."""
    until = time.monotonic() + PATIENCE
    while (answer := _health(http)).status_code != status:
        assert time.monotonic() < until, answer.text
        time.sleep(0.2)
    return answer


def _health(http: httpx.Client) -> httpx.Response:
    """One answer, which comes in time and tells no secret, whatever stands still."""
    began = time.monotonic()
    answer = http.get("/api/health/queue")
    assert time.monotonic() - began < IN_TIME
    assert not any(told in answer.text for told in ("127.0.0.1", "root", "test_"))
    return answer


@pytest.mark.parametrize(("stuck", "status"), [(10, "healthy"), (11, "warning")])
def test_the_seed_s_threshold_holds(stuck: int, status: str) -> None:
    assert Overview(pending=0, failed=0, stuck=stuck, queues=[], stuck_runs=[]).status == status
