"""Names that nothing answers to: a host that no DNS knows, a namespace that Temporal does not have."""

import signal

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client

from tests.fixtures.worker_process import Site, started

NOWHERE = "nowhere.invalid"
"""No DNS ever knows a name of this ending (RFC 6761)."""


@pytest.mark.parametrize(
    ("what", "setting"),
    [
        ("Temporal", {"TEMPORAL_ADDRESS": f"{NOWHERE}:7233"}),
        ("The database", {"SELLERMIND_DATABASE_URL": f"mysql+pymysql://u:canary@{NOWHERE}/x"}),
    ],
    ids=["temporal", "database"],
)
async def test_a_worker_goes_on_asking_for_a_host_that_no_dns_knows(
    site: Site, what: str, setting: dict[str, str]
) -> None:
    async with started("high", environment=site.environment | setting | {"SELLERMIND_START_TIMEOUT": "4"}) as worker:
        code, stderr = await worker.ended()
    assert code == 1
    assert stderr.startswith(f"{what} at ")
    assert NOWHERE in stderr
    assert "canary" not in stderr
    assert stderr.count("\n") == 1
    assert len(worker.events) > 1
    assert set(worker.events) == {"does not answer yet"}


async def test_a_worker_waits_for_a_namespace_that_is_made_later(site: Site, client: Client) -> None:
    late = f"{site.client.namespace}-late"
    async with started("high", environment=site.environment | {"TEMPORAL_NAMESPACE": late}) as worker:
        line = await worker.said("does not answer yet")
        assert line["what"] == f"Temporal's namespace {late}"
        await client.workflow_service.register_namespace(
            RegisterNamespaceRequest(namespace=late, workflow_execution_retention_period=Duration(seconds=86400))
        )
        await worker.said("worker ready")
        worker.signal(signal.SIGTERM)
        assert await worker.ended() == (0, "")


async def test_a_worker_without_its_namespace_says_which_one_is_missing(site: Site) -> None:
    missing = {"TEMPORAL_NAMESPACE": "nobody-made-it", "SELLERMIND_START_TIMEOUT": "2"}
    async with started("high", environment=site.environment | missing) as worker:
        code, stderr = await worker.ended()
    assert code == 1
    assert stderr == (
        f"Temporal's namespace nobody-made-it at {site.environment['TEMPORAL_ADDRESS']} has not answered for 2 s; "
        "create it (`temporal operator namespace create`), or set TEMPORAL_NAMESPACE.\n"
    )
