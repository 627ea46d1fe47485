"""Checks of Temporal: address, namespace, search attributes, fairness, clocks, pollers, schedules."""

from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client

from ops.doctor import versions
from ops.doctor.fairness import probe
from ops.doctor.findings import Finding, Verdict, ok
from ops.maintenance import standstill
from ops.queues.queue_states import queue_states, worker_states
from ops.schedules import check as schedule_check
from schedules.apply import SEARCH_ATTRIBUTES, apply
from sellermind.settings import Settings
from workflows.catalog import JOBS

RETENTION = timedelta(days=30)
"""How long failures can be listed and retried."""

SHORT_RETENTION = timedelta(days=7)
SKEW = timedelta(seconds=5)


async def check(client: Client, settings: Settings) -> list[Finding]:
    """All checks of Temporal, given that it answers.

    Raises:
        RPCError: it stopped answering.
    """
    down = await standstill.current(client)
    return [
        ok("temporal", f"answers; namespace {client.namespace}"),
        await _retention(client),
        await _search_attributes(client),
        *await _probe(client),
        _down(down),
        *await _pollers(client, down=down is not None),
        *await versions.check(client),
        *await _schedules(client, settings),
    ]


async def mend(client: Client, settings: Settings) -> None:
    """What is safe to do without asking: search attributes, schedules, and a longer retention."""
    await apply(client, settings)
    if await _kept(client) < SHORT_RETENTION:
        config = NamespaceConfig(workflow_execution_retention_ttl=Duration(seconds=int(RETENTION.total_seconds())))
        await client.workflow_service.update_namespace(
            UpdateNamespaceRequest(namespace=client.namespace, config=config)
        )


async def _kept(client: Client) -> timedelta:
    answer = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    return answer.config.workflow_execution_retention_ttl.ToTimedelta()


async def _retention(client: Client) -> Finding:
    kept = await _kept(client)
    if kept >= SHORT_RETENTION:
        return ok("retention", f"finished runs are kept for {kept.days} d")
    fix = f"temporal operator namespace update -n {client.namespace} --retention {RETENTION.days}d"
    found = f"finished runs are kept for {kept.total_seconds() / 3600:g} h: what failed cannot be retried later"
    return Finding("retention", Verdict.WARN, found, fix, mends=True)


async def _search_attributes(client: Client) -> Finding:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    known = (await client.operator_service.list_search_attributes(request)).custom_attributes
    missing = sorted(set(SEARCH_ATTRIBUTES) - set(known))
    if not missing:
        return ok("search attributes", "all there")
    return Finding(
        "search attributes", Verdict.FAIL, f"missing: {', '.join(missing)}", "sellermind schedules apply", mends=True
    )


async def _probe(client: Client) -> list[Finding]:
    seen = await probe(client)
    fairness = ok("fairness", "on: one tenant's backlog delays no other")
    if not seen.fair:
        fix = "set matching.enableFairness=true, and one partition, in the server's dynamic config"
        fairness = Finding("fairness", Verdict.FAIL, "off: one tenant's backlog delays all others", fix)
    clocks = ok("clocks", "this machine and Temporal agree")
    if abs(seen.skew) > SKEW:
        found = f"Temporal is {seen.skew.total_seconds():+.0f} s from this machine"
        clocks = Finding("clocks", Verdict.WARN, found, "set both by NTP")
    return [fairness, clocks]


def _down(down: standstill.Maintenance | None) -> Finding:
    if down is None:
        return ok("maintenance", "not down")
    return Finding("maintenance", Verdict.WARN, f"down since {down.since}: {down.reason}", "sellermind up")


async def _pollers(client: Client, *, down: bool) -> list[Finding]:
    scheduled = {job.task_queue.value for job in JOBS}
    findings = [
        Finding("workers", Verdict.WARN, f"{worker.identity} on {worker.queue} is silent", "restart that process")
        for worker in await worker_states(client)
        if worker.status == "silent"
    ]
    for queue in await queue_states(client):
        if queue.paused:
            fix = "sellermind up" if down else f"sellermind queue resume {queue.queue}"
            findings.append(Finding("queue", Verdict.WARN, f"{queue.queue} is paused: {queue.pause_reason}", fix))
        if not queue.workers:
            bad = Verdict.FAIL if queue.queue in scheduled else Verdict.WARN
            fix = f"start python -m workers.{queue.queue}"
            findings.append(Finding("workers", bad, f"nobody polls queue {queue.queue}", fix))
    return findings or [ok("workers", "every queue is polled")]


async def _schedules(client: Client, settings: Settings) -> list[Finding]:
    """Drift is mended here; ticks that were lost, late or failed are no fault of the schedule."""
    wrong = [one for one in await schedule_check.check_all(client, settings) if one.status == "ALERT"]
    findings = [_schedule(f"{one.job}: {one.problems[0]}", drifted=one.drifted) for one in wrong]
    return findings or [ok("schedules", "as the catalog says")]


def _schedule(found: str, *, drifted: bool) -> Finding:
    if drifted:
        return Finding("schedules", Verdict.FAIL, found, "sellermind schedules apply", mends=True)
    return Finding("schedules", Verdict.WARN, found, "too few workers? sellermind workers plan")
