"""Where the word of a model server may send us: to public addresses only, whatever a name resolves to."""

import socket
from collections.abc import Iterable

import httpcore
import httpx

from sellermind.language.http import CONNECT_SECONDS
from sellermind.model_errors import LlmInvalidOutput
from sellermind.public_addresses import is_public
from sellermind.tls import trusted

READ_SECONDS = 60.0


def build_download_http_client() -> httpx.Client:
    """Build the process's client for addresses that others name: no redirects, proxies or private addresses."""
    transport = httpx.HTTPTransport(verify=trusted(), trust_env=False)
    # httpx has no public way to hand its pool a network backend; the tests of refused addresses hold this.
    transport._pool = httpcore.ConnectionPool(ssl_context=trusted(), network_backend=_PublicBackend())  # noqa: SLF001
    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    return httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False)


class _PublicBackend(httpcore.SyncBackend):
    """Connects to the very address that was checked, so that a name cannot answer twice in two ways."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(type(error).__name__) from None
        addresses = [str(address[0]) for *_, address in found]
        if not all(map(is_public, addresses)):
            raise LlmInvalidOutput("The picture's address leads into a private network.")
        return super().connect_tcp(addresses[0], port, timeout, local_address, socket_options)
