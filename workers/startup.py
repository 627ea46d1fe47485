"""What a worker waits for before it takes work: the database at the right revision, and Temporal."""

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import structlog
from sqlalchemy import Engine
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.runtime import PrometheusConfig, Runtime
from temporalio.service import RPCError

from sellermind.errors import Misconfigured, Unavailable
from sellermind.settings import Settings
from sellermind.storage import accounts, schema
from sellermind.storage.engine import reading
from sellermind.telemetry import core_telemetry
from sellermind.temporal import address, connect
from sellermind.vault import TokenVault
from workers import reports

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
HEARTBEAT = timedelta(seconds=10)
"""How often a worker tells the server that it lives; `workers status` shows it."""

log = structlog.stdlib.get_logger("workers")
Answer = TypeVar("Answer")


async def wait_for_database(engine: Engine, executor: Executor, patience: timedelta) -> None:
    """Return when the database answers and has the revision that this code needs.

    Raises:
        Misconfigured: another revision, wrong credentials, or no answer within `patience`.
    """
    loop = asyncio.get_running_loop()
    where = engine.url.render_as_string(hide_password=True)

    async def check() -> None:
        # Not asyncio.to_thread: its threads are joined at the end, and a frozen database would delay a SIGTERM.
        await loop.run_in_executor(executor, schema.check, engine)

    await _wait("The database", where, check, patience, "start it, or set SELLERMIND_DATABASE_URL")


def refuse_closed_tokens(engine: Engine, settings: Settings) -> None:
    """Refuse to work where every stored token is sealed with keys that are not here: each account's job would fail.

    Args:
        engine: a database that answers.
        settings: the keys.

    Raises:
        Misconfigured: not one of them can be opened; the message says which key is missing.
    """
    vault = TokenVault(settings.secret_keys, settings.laravel_app_key)
    with reading(engine) as connection:
        sealed = accounts.sealed_tokens(connection)
    refusal = None
    for _account_id, _column, cipher in sealed:
        try:
            vault.open(cipher)
        except Misconfigured as error:
            refusal = error
        else:
            return
    if refusal:
        raise refusal


async def wait_for_temporal(settings: Settings, identity: str) -> Client:
    """Connect to Temporal, as soon as it answers and has our namespace.

    Args:
        settings: how long to try, keys of the histories, where to show metrics.
        identity: how this process is named in the Web UI and in `workers status`.

    Raises:
        Misconfigured: a wrong setting, or no answer within SELLERMIND_START_TIMEOUT.
    """
    runtime, patience = _runtime(settings.metrics_address), settings.start_timeout
    reporting = reports.interceptors(settings)

    async def attempt() -> Client:
        with _unanswered():
            async with asyncio.timeout(LONGEST_PAUSE):
                return await connect(settings, identity=identity, runtime=runtime, interceptors=reporting)

    async def find_namespace() -> None:
        with _unanswered():
            async with asyncio.timeout(LONGEST_PAUSE):
                await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))

    client = await _wait("Temporal", address(), attempt, patience, "start it, or set TEMPORAL_ADDRESS")
    missing, remedy = f"Temporal's namespace {client.namespace}", "create it (`temporal operator namespace create`)"
    await _wait(missing, address(), find_namespace, patience, f"{remedy}, or set TEMPORAL_NAMESPACE")
    return client


@contextmanager
def _unanswered() -> Iterator[None]:
    """Name what a server says that is not there, or nothing: a frozen one accepts the connection and never answers.

    Raises:
        Unavailable: in place of the SDK's errors.
    """
    try:
        yield
    except (RuntimeError, RPCError, TimeoutError) as error:
        raise Unavailable(str(error) or "no answer") from error


def _runtime(metrics_address: str | None) -> Runtime:
    """The SDK's runtime, with its metrics at the address."""
    metrics = PrometheusConfig(bind_address=metrics_address) if metrics_address else None
    try:
        return Runtime(
            telemetry=dataclasses.replace(core_telemetry(), metrics=metrics), worker_heartbeat_interval=HEARTBEAT
        )
    except (ValueError, RuntimeError) as error:
        raise Misconfigured(
            f"SELLERMIND_METRICS_ADDRESS {metrics_address} cannot be used ({error}); give it a free host:port."
        ) from error


async def _wait(
    what: str, where: str, attempt: Callable[[], Awaitable[Answer]], patience: timedelta, remedy: str
) -> Answer:
    """Try, say what happened, pause (twice as long each time), until it works or patience ends."""
    deadline = time.monotonic() + patience.total_seconds()
    pause = FIRST_PAUSE
    while True:
        try:
            return await attempt()
        except Unavailable as failure:
            reason = failure.message
        if time.monotonic() + pause > deadline:
            raise Misconfigured(f"{what} at {where} has not answered for {patience.total_seconds():g} s; {remedy}.")
        log.warning("does not answer yet", what=what, address=where, reason=reason, next_try_s=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
