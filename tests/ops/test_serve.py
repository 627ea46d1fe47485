"""`sellermind serve` over real HTTP, with Temporal there and away."""

import time
from datetime import UTC, datetime

import pytest

from ops.queues.overview import Overview
from sellermind.models.sync import OpenRun, SyncProgress
from sellermind.storage import cursors
from sellermind.storage.engine import transaction
from tests.fixtures.desk import Desk
from tests.fixtures.serving import serving

JOB = "SyncNewWildberriesOrders"


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
        assert http.get("/api/health/queue").json()["checked_at"] == body["checked_at"]


@pytest.mark.parametrize(
    "broken",
    [
        {"TEMPORAL_ADDRESS": "127.0.0.1:1", "TEMPORAL_API_KEY": "canary-secret", "TEMPORAL_TLS": "false"},
        {"SELLERMIND_DATABASE_URL": "mysql+pymysql://root:canary-secret@127.0.0.1:1/sellermind"},
    ],
)
def test_what_is_away_is_unhealthy_in_time_and_leaks_nothing(desk: Desk, broken: dict[str, str]) -> None:
    with serving({**desk.environment, **broken}) as http:
        assert http.get("/livez").status_code == 200
        began = time.monotonic()
        answer = http.get("/api/health/queue")
        assert time.monotonic() - began < 3
        assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
        assert http.get("/api/health/queue?strict=0").status_code == 200
        assert http.get("/readyz").status_code == 503
        assert http.get("/metrics").text == "# TYPE sellermind_up gauge\nsellermind_up 0\n"
        assert not any(secret in answer.text for secret in ("canary-secret", "127.0.0.1", "root"))


@pytest.mark.parametrize(("stuck", "status"), [(10, "healthy"), (11, "warning")])
def test_the_seed_s_threshold_holds(stuck: int, status: str) -> None:
    assert Overview(pending=0, failed=0, stuck=stuck, queues=[], stuck_runs=[]).status == status
