"""Addresses that a model's answer names are followed into the open Internet only."""

import socket
from collections.abc import Iterator

import httpx
import pytest

from sellermind.language.downloads import build_download_http_client, is_public
from sellermind.language.http import build_model_http_client
from sellermind.language.images import ImageModels
from sellermind.model_errors import LlmInvalidOutput


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server inside, which must not hear of us."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.fixture
def clients() -> Iterator[tuple[httpx.Client, httpx.Client]]:
    with build_model_http_client() as models, build_download_http_client() as downloads:
        yield models, downloads


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0.0.0.0"])  # noqa: S104
def test_a_picture_inside_is_refused_before_anybody_there_is_called(
    listener: socket.socket, clients: tuple[httpx.Client, httpx.Client], host: str
) -> None:
    images = ImageModels(*clients, "http://models.example:8080/v1", None)
    with pytest.raises(LlmInvalidOutput, match="private network"):
        images.fetch(f"https://{host}:{listener.getsockname()[1]}/picture.png")
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_the_model_servers_host_on_another_port_or_scheme_is_no_model_server(
    listener: socket.socket, clients: tuple[httpx.Client, httpx.Client]
) -> None:
    port = listener.getsockname()[1]
    for own in (f"http://127.0.0.1:{port}/v1", "http://127.0.0.1:1/v1"):
        with pytest.raises(LlmInvalidOutput, match="private network"):
            ImageModels(*clients, own, None).fetch(f"https://127.0.0.1:{port}/picture.png")
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("64:ff9b::808:808", True),
        ("10.0.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("168.63.129.16", False),
        ("224.0.0.251", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_private_addresses_are_known_in_every_dress(address: str, *, public: bool) -> None:
    assert is_public(address) is public
