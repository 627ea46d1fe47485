"""A worker process from its settings to its exit code."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import structlog
from temporalio.client import Client

from sellermind import telemetry
from sellermind.errors import Misconfigured
from sellermind.queues import TaskQueue
from sellermind.settings import Settings, Systemd, load
from sellermind.version import build_id
from workers import readiness, reports, systemd
from workers.ending import ERROR, Ending, Signals
from workers.jobs import Jobs
from workers.once import take_one
from workers.options import Options
from workers.pool import Pool, grace, slots
from workers.recycling import Emptiness, worn_out
from workers.registry import Registry
from workers.serving import serve
from workers.startup import refuse_closed_tokens, wait_for_database, wait_for_temporal

log = structlog.stdlib.get_logger("workers")


def main(kind: TaskQueue, options: Options, build: Callable[[Settings], Registry]) -> NoReturn:
    """Run a worker process; what a person must mend is one sentence on stderr and exit code 1.

    Args:
        kind: which queues it polls.
        options: its command line.
        build: makes the workflows, activities and connections from the settings.
    """
    try:
        settings = load()
        telemetry.configure(settings.log_level)
        if options.ignored:
            log.warning("ignored: workflow policies and Temporal decide this", flags=" ".join(options.ignored))
        code = run(kind, options, settings, build(settings))
    except Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        code = ERROR
    telemetry.leave(code)


def run(kind: TaskQueue, options: Options, settings: Settings, registry: Registry) -> int:
    """Work until something ends it.

    Args:
        kind: which queues to poll.
        options: limits, and where to show readiness.
        settings: slots, grace, patience at the start.
        registry: what to offer; closed at the end.

    Returns:
        The exit code.

    Raises:
        Misconfigured: no Temporal or database within SELLERMIND_START_TIMEOUT, a wrong revision, an unwritable file.
    """
    readiness.not_ready(options.ready_file)
    # Not joined at the end: a thread that hangs in a dead connection must not keep the process alive.
    threads = ThreadPoolExecutor(sum(slots(kind, settings, options.concurrency).values()), "activity")
    try:
        ending = asyncio.run(_work(kind, options, settings, registry, threads))
    finally:
        registry.close()
        reports.flush(settings)
    log.info("worker stopped", reason=ending.reason, exit_code=ending.code)
    return ending.code


async def _work(
    kind: TaskQueue, options: Options, settings: Settings, registry: Registry, threads: ThreadPoolExecutor
) -> Ending:
    signals, host = Signals(grace(kind, settings)), Systemd()
    watchdog = asyncio.create_task(systemd.keep_watchdog_calm(host))
    asked = asyncio.create_task(signals.asked())
    starting = asyncio.create_task(_start(kind, settings, registry, threads))
    await asyncio.wait([asked, starting], return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        return asked.result()
    pool = Pool(
        client=starting.result(),
        registry=registry,
        threads=threads,
        grace=grace(kind, settings),
        deployment=settings.deployment,
        build=build_id(settings.commit),
    )
    if options.once:
        ending = await take_one(pool, kind, signals)
    else:
        ending = await _serve(pool, slots(kind, settings, options.concurrency), options, signals, host)
    watchdog.cancel()
    return ending


async def _start(kind: TaskQueue, settings: Settings, registry: Registry, threads: ThreadPoolExecutor) -> Client:
    """Wait for everything that a worker needs."""
    await wait_for_database(registry.engine, threads, settings.start_timeout)
    await asyncio.get_running_loop().run_in_executor(threads, refuse_closed_tokens, registry.engine, settings)
    identity = f"{kind}-{os.getpid()}@{socket.gethostname()}"
    return await wait_for_temporal(settings, identity)


async def _serve(pool: Pool, queues: dict[TaskQueue, int], options: Options, signals: Signals, host: Systemd) -> Ending:
    jobs = Jobs(options.max_jobs)
    workers = [pool.worker(queue, count, jobs) for queue, count in queues.items()]

    async def until_worn_out() -> Ending:
        await readiness.polling(pool.client, queues)
        with readiness.shown_in(options.ready_file), systemd.shown_to(host):
            log.info("worker ready", queues=" ".join(queues), slots=sum(queues.values()), pid=os.getpid())
            return await worn_out(options, jobs, Emptiness(pool.client, queues, jobs))

    return await serve(workers, signals.asked(), until_worn_out())
