"""Addresses that a model's answer names are followed into the open Internet only."""

import socket
from collections.abc import Iterator

import httpx
import pytest

from sellermind.language.downloads import build_download_http_client
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
