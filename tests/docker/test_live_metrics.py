"""Prometheus, for real: it scrapes Temporal, a worker and `sellermind serve`; every query finds what it names."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from ops.demo import temporal_server
from schedules.apply import apply
from sellermind.models.accounts import Marketplace
from sellermind.models.sync import OpenRun, SyncProgress
from sellermind.settings import Settings
from sellermind.storage import accounts, cursors, issues
from sellermind.storage.engine import transaction
from tests.fixtures.docker_files import DOCKER, ROOT, TOOLS, documents, passes
from tests.fixtures.patience import PATIENCE
from tests.fixtures.ports import free_port
from tests.fixtures.tokens import wildberries_token
from tests.fixtures.worker_process import Site
from workflows.catalog import JOBS


def alert_queries() -> dict[str, str]:
    """Every expression of rules.yaml by the name of its rule."""
    (rules,) = documents(DOCKER / "prometheus" / "rules.yaml")
    return {rule.get("alert") or rule["record"]: rule["expr"] for group in rules["groups"] for rule in group["rules"]}


def dashboard() -> dict[str, Any]:
    """The Grafana dashboard."""
    model: dict[str, Any] = json.loads((DOCKER / "grafana" / "sellermind.json").read_text())
    return model


def panel_queries() -> dict[str, str]:
    """Every expression of the dashboard by its panel and letter."""
    return {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in dashboard()["panels"]
        for target in panel["targets"]
    }


def metrics_in(query: str) -> set[str]:
    """The metrics that a query names; not its own recorded ones, which have colons."""
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\"[^\"]*\"|\b(by|on|group_left|ignoring) \([^)]*\)", "", query)
    return set(re.findall(r"\b(?:sellermind|temporal|persistence|service|event_blob|schedule_|up)\w*(?![\w:(])", bare))


def test_the_dashboard_is_well_formed_and_promtool_reads_every_query(tmp_path: Path) -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["title"] and panel["targets"] and panel["fieldConfig"]["defaults"]["unit"] for panel in panels)
    rules = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(panel_queries().values())]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    passes("promtool", "check", "rules", tmp_path / "rules.yaml")


def test_the_cadences_of_the_rules_are_the_catalogs() -> None:
    written = re.findall(r'vector\((\d+)\), "job", "(\w+)"', alert_queries()["sellermind:cadence_seconds"])
    assert {name: int(seconds) for seconds, name in written} == {
        job.name: int(job.every.total_seconds()) for job in JOBS
    }


@asynccontextmanager
async def process(*line: str, environment: dict[str, str], log: Path) -> AsyncIterator[None]:
    """Run a program for the length of a block."""
    with log.open("wb") as output:
        running = await asyncio.create_subprocess_exec(*line, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        yield
    finally:
        running.terminate()
        await running.wait()


@dataclass(frozen=True)
class Prometheus:
    """A running one, with our rules."""

    http: httpx.AsyncClient

    async def ask(self, query: str) -> list[dict[str, Any]]:
        """The result of a query, now."""
        answer = (await self.http.get("/api/v1/query", params={"query": query})).json()
        assert answer["status"] == "success", f"{query}: {answer}"
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result


async def eventually(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(PATIENCE):
        while not await true():
            await asyncio.sleep(0.3)


def scraping(ports: Mapping[str, int], folder: Path) -> str:
    """docker/prometheus/prometheus.yaml for parts that listen on this machine."""
    (config,) = documents(DOCKER / "prometheus" / "prometheus.yaml")
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(DOCKER / "prometheus" / "rules.yaml")]
    del config["alerting"]
    for job in config["scrape_configs"]:
        job.pop("dns_sd_configs", None)
        job["static_configs"] = [{"targets": [f"127.0.0.1:{ports[job['job_name']]}"]}]
    path = folder / "prometheus.yaml"
    path.write_text(yaml.safe_dump(config))
    return str(path)


async def provoke(site: Site) -> None:
    """Runs that end well and badly: everything that the SDK counts only when it happens."""
    start = site.client.start_workflow
    done = await site.start("nap", 0.1)
    tallied = await site.start("tally", 0.1)
    await apply(site.client, Settings(_env_file=None, cadence={JOBS[0].name: 1}))  # nobody does it: ticks are skipped
    ended = await site.start("nap", 10.0)
    await start("Nap", id="too-few-arguments", task_queue="high", args=[])
    await start("Nap", id="no-such-step", task_queue="high", args=["no_such_step", 1.0])
    await start("Nobody", id="no-such-workflow", task_queue="high")
    assert (await done.result(), await tallied.result()) == (1, 1)
    await ended.terminate()


def record_success(engine: Engine) -> None:
    """One account with one good sync, whose token ends now."""
    now = datetime.now(UTC)
    with transaction(engine) as connection:
        account = accounts.add(
            connection,
            company_id=1,
            marketplace=Marketplace.WILDBERRIES,
            name="Cabinet",
            token_cipher=wildberries_token(now),  # plain text, as an application before SellerMind's left some
            shop_ids=(),
        )
        issues.open_or_count(connection, account, "token_invalid", "401")
        cursors.open_run(connection, account, JOBS[0].name, "run", now)
        cursors.finish(connection, OpenRun(account_id=account, job=JOBS[0].name, run_id="run"), SyncProgress(), now)


@pytest.fixture
async def prometheus(sqlite_database: Engine, tmp_path: Path) -> AsyncIterator[Prometheus]:
    """Prometheus over a server, a worker and `serve` of its own, all of them answering."""
    record_success(sqlite_database)
    ports = {name: free_port() for name in ("temporal", "workers", "serve", "grpc", "ui", "prometheus")}
    server = temporal_server.command(port=ports["grpc"], ui_port=ports["ui"], database=None)
    address = f"127.0.0.1:{ports['grpc']}"
    environment = {
        "TEMPORAL_ADDRESS": address,
        "SELLERMIND_DATABASE_URL": sqlite_database.url.render_as_string(hide_password=False),
        "SELLERMIND_METRICS_ADDRESS": f"127.0.0.1:{ports['workers']}",
    }
    reader = [f"--config.file={scraping(ports, tmp_path)}", f"--storage.tsdb.path={tmp_path}/data"]
    reader += [f"--web.listen-address=127.0.0.1:{ports['prometheus']}"]
    programs = {
        "temporal": [*server, "--metrics-port", str(ports["temporal"])],
        "worker": [sys.executable, "-m", "tests.fixtures.small_worker", "high"],
        "serve": [sys.executable, "-m", "ops", "serve", "--port", str(ports["serve"])],
        "prometheus": [str(TOOLS / "prometheus"), *reader],
    }
    async with AsyncExitStack() as stack:
        for name, line in programs.items():
            await stack.enter_async_context(process(*line, environment=environment, log=tmp_path / f"{name}.log"))
        async with asyncio.timeout(PATIENCE):
            while not await asyncio.to_thread(temporal_server.set_retention, address):
                await asyncio.sleep(0.2)
        await provoke(Site(await Client.connect(address, data_converter=pydantic_data_converter), environment))
        http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports['prometheus']}", timeout=PATIENCE)
        yield await stack.enter_async_context(reading(http))


@asynccontextmanager
async def reading(http: httpx.AsyncClient) -> AsyncIterator[Prometheus]:
    """Prometheus when all its targets are up."""
    found = Prometheus(http)

    async def scraped() -> bool:
        try:
            return len(await found.ask("up == 1")) == 3
        except httpx.TransportError:
            return False  # it has not opened its port yet

    async with http:
        await eventually(scraped)
        yield found


async def test_every_query_of_alerts_and_dashboard_runs_and_names_only_metrics_that_there_are(
    prometheus: Prometheus,
) -> None:
    queries = alert_queries() | panel_queries()
    named = set().union(*map(metrics_in, queries.values()))
    assert len(named) > 20

    async def missing() -> set[str]:
        return {name for name in named if not await prometheus.ask(f"count({name})")}

    async def nothing_is_missing() -> bool:
        return not await missing()

    try:
        await eventually(nothing_is_missing)
    except TimeoutError:
        assert await missing() == set()
    for query in queries.values():
        await prometheus.ask(query)
    rules = (await prometheus.http.get("/api/v1/rules")).json()["data"]["groups"]
    assert [rule["lastError"] for group in rules for rule in group["rules"] if rule.get("lastError")] == []
    fresh = await prometheus.ask(f'sellermind_sync_last_success_timestamp{{account="1",job="{JOBS[0].name}"}}')
    assert len(fresh) == 1
