"""The connection to Temporal, from the variables and profiles that Temporal itself documents."""

import dataclasses
import re
from collections.abc import Sequence

from temporalio.client import Client, Interceptor
from temporalio.contrib.pydantic import PydanticPayloadConverter, ToJsonOptions
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.runtime import Runtime

from sellermind import tracing
from sellermind.encryption import history_codec
from sellermind.errors import Misconfigured
from sellermind.settings import Settings


class CompactPayloadConverter(PydanticPayloadConverter):
    """Pydantic models as JSON, without the fields that nobody set: they would stand in every history."""

    def __init__(self) -> None:
        super().__init__(ToJsonOptions(exclude_unset=True))


DATA_CONVERTER = DataConverter(payload_converter_class=CompactPayloadConverter)


def data_converter(settings: Settings) -> DataConverter:
    """How payloads and failures go to Temporal: encrypted where there is a key, unless the settings say otherwise.

    Raises:
        Misconfigured: a key is malformed.
    """
    codec = history_codec(settings)
    if codec is None or not settings.encrypt_histories:
        return dataclasses.replace(DATA_CONVERTER, payload_codec=codec)
    return dataclasses.replace(
        DATA_CONVERTER, payload_codec=codec, failure_converter_class=DefaultFailureConverterWithEncodedAttributes
    )


async def connect(
    settings: Settings,
    *,
    identity: str | None = None,
    runtime: Runtime | None = None,
    interceptors: Sequence[Interceptor] = (),
) -> Client:
    """Connect as TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS… or temporal.toml say.

    Args:
        settings: keys of the histories.
        identity: how this process is named in the Web UI; Temporal's default is pid@host.
        runtime: SDK runtime with its metrics; the process-wide default if None.
        interceptors: what goes around the client's calls and its workers' runs and activities.

    Raises:
        Misconfigured: one of them cannot be used.
        RuntimeError: nothing answers at the address.
    """
    try:
        return await Client.connect(
            **_options(),
            identity=identity,
            data_converter=data_converter(settings),
            plugins=tracing.plugins(),
            interceptors=interceptors,
            runtime=runtime,
        )
    except ValueError as error:
        raise Misconfigured(f"TEMPORAL_ADDRESS is not host:port ({error}); for example localhost:7233.") from error


def address() -> str:
    """host:port that `connect` goes to, for messages.

    Raises:
        Misconfigured: a TEMPORAL_… variable or temporal.toml cannot be used.
    """
    return _options()["target_host"]


def _options() -> ClientConnectConfig:
    try:
        options = ClientConfig.load_client_connect_config()
    except (RuntimeError, OSError) as error:  # RuntimeError: the profile; OSError: a certificate's file
        reason = " ".join(str(error).split())
        raise Misconfigured(
            f"Temporal's settings cannot be read ({reason}); mend TEMPORAL_… or temporal.toml."
        ) from error
    options.setdefault("target_host", "localhost:7233")
    if not re.fullmatch(r"[^/\s@]+:\d{1,5}", options["target_host"]):
        raise Misconfigured("TEMPORAL_ADDRESS is not host:port, without a scheme or path; for example localhost:7233.")
    return options
