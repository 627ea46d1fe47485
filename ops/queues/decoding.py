"""What histories hold, read with the keys we have; what they do not open is told as such instead of ending the verb."""

from collections.abc import Sequence

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.client import Client

from sellermind.errors import Misconfigured

CLOSED = "(encrypted: SELLERMIND_SECRET_KEYS does not hold its key)"


async def values_of(client: Client, payloads: Sequence[Payload]) -> Sequence[object]:
    """Decode an input or a result."""
    try:
        return await client.data_converter.decode(payloads)
    except Misconfigured:
        return [CLOSED]


async def error_of(client: Client, failure: Failure) -> BaseException:
    """Decode a failure; without the key its types are readable all the same, its messages are not."""
    converter = client.data_converter
    try:
        return await converter.decode_failure(failure)
    except Misconfigured:
        _close(failure)
        return converter.failure_converter.from_failure(failure, converter.payload_converter)


def _close(failure: Failure) -> None:
    """Take out of a failure, and of its causes, what we cannot open."""
    while True:
        failure.message = CLOSED
        failure.ClearField("encoded_attributes")
        if failure.HasField("application_failure_info"):
            failure.application_failure_info.ClearField("details")
        if not failure.HasField("cause"):
            return
        failure = failure.cause
