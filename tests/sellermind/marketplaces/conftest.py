"""Fixtures of the client tests: one HTTP client a session, a server that answers raw bytes, a budget that listens."""

from collections.abc import Iterator

import httpx
import pytest

from sellermind.marketplaces.http import build_http_client
from sellermind.marketplaces.uzum import UzumClient
from sellermind.marketplaces.wildberries import WildberriesClient
from tests.sellermind.marketplaces.preference import Preference
from tests.sellermind.marketplaces.raw_server import CountingBudget, RawServer


@pytest.fixture(scope="session")
def http_client() -> Iterator[httpx.Client]:
    with build_http_client() as client:
        yield client


@pytest.fixture
def prefer() -> Preference:
    return Preference()


@pytest.fixture
def preferring_http(prefer: Preference, http_client: httpx.Client) -> Iterator[httpx.Client]:
    """The session's client, which tells Prism on the way what the test wants to be answered."""
    http_client.event_hooks = {"request": [prefer]}
    yield http_client
    http_client.event_hooks = {}


@pytest.fixture
def server() -> Iterator[RawServer]:
    running = RawServer()
    yield running
    running.close()


@pytest.fixture
def budget() -> CountingBudget:
    return CountingBudget()


@pytest.fixture
def wildberries(http_client: httpx.Client, server: RawServer, budget: CountingBudget) -> WildberriesClient:
    return WildberriesClient(http_client, server.url, "test-token", budget)


@pytest.fixture
def uzum(http_client: httpx.Client, server: RawServer, budget: CountingBudget) -> UzumClient:
    return UzumClient(http_client, server.url, "test-token", budget)
