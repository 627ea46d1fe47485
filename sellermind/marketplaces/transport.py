"""Sockets under one deadline a call: httpx bounds single reads only, and a thread that hangs cannot be stopped."""

import math
import ssl
import time
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

import httpcore
import httpx

from sellermind.errors import Unavailable
from sellermind.public_addresses import is_public
from sellermind.tls import trusted

_ends: ContextVar[float] = ContextVar("ends", default=math.inf)


@contextmanager
def time_limit(limit: timedelta) -> Iterator[None]:
    """Bound all that the calling thread does inside over a DeadlineTransport, from connecting to the last byte."""
    reset = _ends.set(time.monotonic() + limit.total_seconds())
    try:
        yield
    finally:
        _ends.reset(reset)


def _left(timeout: float | None) -> float:
    """Give the seconds that the next step on a socket may take."""
    left = _ends.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the call's time is over")
    return left if timeout is None else min(timeout, left)


class DeadlineTransport(httpx.HTTPTransport):
    """httpx's transport over sockets that know the call's deadline, and hosts that are of the open Internet."""

    def __init__(self, public: AbstractSet[str]) -> None:
        """Trust the certificate authorities that httpx brings; use no proxy.

        Args:
            public: hosts that are called at public addresses only, whatever their names resolve to.
        """
        # httpx has no public way to hand its pool a network backend; the test of a dripping header holds this.
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusted(),
            max_connections=None,
            max_keepalive_connections=64,
            keepalive_expiry=5,
            network_backend=_Backend(public),
        )


class _Backend(httpcore.SyncBackend):
    """Opens connections whose every step ends with the call's deadline.

    Where a name leads is asked of the connection, before a byte is sent: the name itself may answer twice in two ways.
    """

    def __init__(self, public: AbstractSet[str]) -> None:
        self._public = public

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        stream = super().connect_tcp(host, port, _left(timeout), local_address, socket_options)
        if host in self._public and not is_public(_peer(stream)):
            stream.close()
            raise Unavailable(
                f"{host} leads into a private network, where no token goes: mend the name server, or add the host to "
                "SELLERMIND_ALLOWED_HOSTS if that is meant."
            )
        return _Stream(stream)


def _peer(stream: httpcore.NetworkStream) -> str:
    """The IP address at the other end."""
    try:
        return str(stream.get_extra_info("server_addr")[0])
    except OSError as error:  # it has hung up already
        raise httpcore.ConnectError(type(error).__name__) from None


class _Stream(httpcore.NetworkStream):
    """A connection, plain or TLS."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
