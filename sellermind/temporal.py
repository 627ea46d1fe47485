"""The connection to Temporal, from the variables and profiles that Temporal itself documents."""

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.runtime import Runtime


async def connect(*, identity: str | None = None, runtime: Runtime | None = None) -> Client:
    """Connect as TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS… or temporal.toml say.

    Args:
        identity: how this process is named in the Web UI; Temporal's default is pid@host.
        runtime: SDK runtime with its metrics; the process-wide default if None.

    Raises:
        RuntimeError: nothing answers at the address.
    """
    options = ClientConfig.load_client_connect_config()
    options.setdefault("target_host", "localhost:7233")
    if identity:
        options["identity"] = identity
    return await Client.connect(**options, data_converter=pydantic_data_converter, runtime=runtime)
