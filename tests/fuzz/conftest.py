"""The server that gives every answer that hypothesis thinks of."""

from collections.abc import Iterator

import pytest

from tests.sellermind.marketplaces.raw_server import RawServer


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    running = RawServer()
    yield running
    running.close()
