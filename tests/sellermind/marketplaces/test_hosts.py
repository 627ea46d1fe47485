"""Where a token may be sent: the marketplace's hosts, and what an operator listed, letter by letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellermind.errors import Misconfigured
from sellermind.marketplaces.hosts import WILDBERRIES_HOSTS, check_base_url

VARIABLE = "SELLERMIND_WILDBERRIES_URL"


def check(url: str, *allowed: str) -> str:
    return check_base_url(VARIABLE, url, WILDBERRIES_HOSTS, frozenset(allowed))


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://marketplace-api.wildberries.ru", ()),
        ("https://marketplace-api-sandbox.wildberries.ru/", ()),
        ("https://MARKETPLACE-API.wildberries.ru:443/base/", ()),
        ("https://proxy.example.com", ("proxy.example.com",)),
        ("https://proxy.example.com", ("Proxy.Example.COM",)),
        ("http://127.0.0.1:8080", ("127.0.0.1",)),
        ("http://localhost:8080", ("localhost",)),
        ("http://[::1]:8080", ("::1",)),
        ("http://[::1]:8080", ("[::1]",)),
        ("https://10.0.0.7", ("10.0.0.7",)),
    ],
)
def test_a_listed_host_is_allowed(url: str, allowed: tuple[str, ...]) -> None:
    assert check(url, *allowed) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "https://127.0.0.1",
        "https://localhost",
        "https://169.254.169.254",
        "https://10.0.0.7",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
        "https://2130706433",
        "https://0x7f000001",
        "https://0x7f.1",
        "https://127.1",
        "https://0177.0.0.1",
        "https://wildberries.ru",
        "https://marketplace-api.wildberries.ru.evil.example",
        "https://marketplace-api.wildberries.ru.",
        "https://evil.example",
    ],
)
def test_an_unlisted_host_is_refused_in_every_spelling(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"SELLERMIND_WILDBERRIES_URL names .* SELLERMIND_ALLOWED_HOSTS"):
        check(url)


@pytest.mark.parametrize(
    "url", ["https://2130706433", "http://[::ffff:127.0.0.1]", "http://127.1", "http://127.0.0.2", "http://localhost"]
)
def test_listing_an_address_lists_no_other_spelling_of_it(url: str) -> None:
    with pytest.raises(Misconfigured, match="SELLERMIND_ALLOWED_HOSTS"):
        check(url, "127.0.0.1")


@pytest.mark.parametrize(
    ("url", "allowed"), [("http://marketplace-api.wildberries.ru", ""), ("http://10.0.0.7", "10.0.0.7")]
)
def test_plain_http_is_for_this_machine_only(url: str, allowed: str) -> None:
    with pytest.raises(Misconfigured, match="must begin with https://"):
        check(url, allowed)


@pytest.mark.parametrize(
    "url",
    [
        "https://user:secret@marketplace-api.wildberries.ru",
        "https://@marketplace-api.wildberries.ru",
        "https://marketplace-api.wildberries.ru?x=1",
        "https://marketplace-api.wildberries.ru/#",
    ],
)
def test_user_query_and_fragment_are_refused_without_repeating_them(url: str) -> None:
    with pytest.raises(Misconfigured, match="scheme, host and path only") as caught:
        check(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "marketplace-api.wildberries.ru",
        "ftp://marketplace-api.wildberries.ru",
        "file:///etc/passwd",
        "https://",
        "https://:443",
        "https://marketplace-api.wildberries.ru:port",
        "https://marketplace-api.wildberries.ru:0",
        "https://marketplace-api.wildberries.ru:99999",
        "https://[::1",
        "https://evil.example\\@marketplace-api.wildberries.ru",
        "https://marketplace-api.wildberries.ru /x",
        "https://marketplace-api.wildberries.ru\n",
        "https://маркет.рф",
    ],
)
def test_what_is_no_url_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(Misconfigured, match="SELLERMIND_WILDBERRIES_URL is not a URL: write it like https://market"):
        check(url)


@given(st.text() | st.text().map("https://{}".format))
def test_no_text_is_let_through_or_makes_the_check_crash(url: str) -> None:
    with pytest.raises(Misconfigured):
        check(url)
