"""The transport under the client: certificates are checked, and a deadline ends with its call."""

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sellermind.errors import Unavailable
from sellermind.marketplaces.http import build_http_client
from sellermind.marketplaces.transport import time_limit
from sellermind.marketplaces.wildberries import WildberriesClient
from tests.fixtures.patience import PATIENCE
from tests.sellermind.marketplaces.raw_server import CountingBudget, RawServer, page


def self_signed(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody vouches for, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    path = folder / "self-signed.pem"
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, *form) + pem)
    return path


@pytest.fixture
def impostor(tmp_path: Path) -> Iterator[tuple[str, list[bytes]]]:
    """An https server with such a certificate: its URL, and the bytes that clients entrusted it with."""
    context, received = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), list[bytes]()
    context.load_cert_chain(self_signed(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            peer, _ = listener.accept()
            with peer, context.wrap_socket(peer, server_side=True, do_handshake_on_connect=False) as secure:
                try:
                    secure.do_handshake()
                    received.append(secure.recv(1000))
                except ssl.SSLError:  # the client hung up, as it should
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}", received
        thread.join(PATIENCE)


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_token(
    http_client: httpx.Client, impostor: tuple[str, list[bytes]], budget: CountingBudget
) -> None:
    url, received = impostor
    with pytest.raises(Unavailable, match="ConnectError"):
        WildberriesClient(http_client, url, "test-token", budget).new_orders()
    assert received == []


def test_a_deadline_that_has_passed_ends_a_call_before_it_connects_and_leaves_the_next_one_alone(
    http_client: httpx.Client, server: RawServer
) -> None:
    server.answers(page({}))
    with time_limit(timedelta(0)), pytest.raises(httpx.ReadTimeout):
        http_client.get(server.url)
    assert server.requests == []
    assert http_client.get(server.url).status_code == 200


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433"])
def test_a_marketplace_s_name_that_leads_inside_gets_no_token(
    server: RawServer, budget: CountingBudget, host: str
) -> None:
    server.answers(page({}))
    url = server.url.replace("127.0.0.1", host)
    with (
        build_http_client(public=frozenset({host})) as client,
        pytest.raises(Unavailable, match=rf"{host} leads into a private network.*SELLERMIND_ALLOWED_HOSTS"),
    ):
        WildberriesClient(client, url, "test-token", budget).new_orders()
    assert server.requests == []
