"""Where the word of others may send us: to public addresses only, whatever a name resolves to."""

import socket
import time
from collections.abc import Iterable

import httpcore
import httpx

from sellermind.language.http import CONNECT_SECONDS
from sellermind.model_errors import LlmInvalidOutput, LlmTimeout, LlmUnreachable
from sellermind.public_addresses import is_public
from sellermind.tls import trusted

_GONE = range(400, 500)


def build_download_http_client() -> httpx.Client:
    """Build the process's client for addresses that others name: no redirects, proxies or private addresses."""
    transport = httpx.HTTPTransport(verify=trusted(), trust_env=False)
    # httpx has no public way to hand its pool a network backend; the tests of refused addresses hold this.
    transport._pool = httpcore.ConnectionPool(ssl_context=trusted(), network_backend=_PublicBackend())  # noqa: SLF001
    return httpx.Client(transport=transport, follow_redirects=False, trust_env=False)


def download(http: httpx.Client, url: str, *, seconds: float, most: int) -> bytes:
    """Fetch a picture.

    Args:
        http: the process's client; build_download_http_client's for an address that others name.
        url: where it is.
        seconds: until it must be whole.
        most: bytes that it may have.

    Raises:
        LlmInvalidOutput: the address is private, the picture is gone, or it is too large.
        LlmTimeout, LlmUnreachable: it did not come; it may still be there.
    """
    timeout = httpx.Timeout(seconds, connect=CONNECT_SECONDS)
    try:
        with http.stream("GET", url, headers={"Accept": "image/*"}, timeout=timeout) as response:
            return _read(response, time.monotonic() + seconds, most)
    except httpx.TimeoutException as error:
        raise LlmTimeout(f"The picture did not come in time ({type(error).__name__}).") from None
    except (httpx.RequestError, httpx.InvalidURL) as error:
        raise LlmUnreachable(f"The picture could not be fetched ({type(error).__name__}).") from None


def _read(response: httpx.Response, ends: float, most: int) -> bytes:
    if response.status_code in _GONE:
        raise LlmInvalidOutput(f"The picture is gone (HTTP {response.status_code}).")
    if not response.is_success:
        raise LlmUnreachable(f"The picture could not be fetched (HTTP {response.status_code}).")
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if time.monotonic() > ends:
            raise LlmTimeout("The picture was not whole in time.")
        if len(content) > most:
            raise LlmInvalidOutput(f"The picture is larger than {most} bytes.")
    return bytes(content)


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
