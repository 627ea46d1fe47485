"""Worker processes work on the real dev server, each test in its own namespace."""

import uuid

import pytest
from google.protobuf.duration_pb2 import Duration
from sqlalchemy import Engine
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from tests.fixtures.worker_process import Site


@pytest.fixture
async def site(client: Client, temporal_address: str, sqlite_database: Engine) -> Site:
    """A fresh namespace on the session's server, and the environment of worker processes for it."""
    namespace = f"workers-{uuid.uuid4()}"
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=namespace, workflow_execution_retention_period=Duration(seconds=86400))
    )
    return Site(
        client=await Client.connect(temporal_address, namespace=namespace, data_converter=pydantic_data_converter),
        environment={
            "TEMPORAL_ADDRESS": temporal_address,
            "TEMPORAL_NAMESPACE": namespace,
            "SELLERMIND_DATABASE_URL": sqlite_database.url.render_as_string(hide_password=False),
        },
    )
