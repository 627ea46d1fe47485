"""Which hosts a marketplace URL may name: a token goes to the marketplace, or where an operator explicitly said."""

import ipaddress
import re
from collections.abc import Set as AbstractSet
from urllib.parse import SplitResult, urlsplit

from sellermind.errors import Misconfigured

WILDBERRIES_HOST = "marketplace-api.wildberries.ru"
WILDBERRIES_SANDBOX_HOST = "marketplace-api-sandbox.wildberries.ru"
UZUM_HOST = "api-seller.uzum.uz"
WILDBERRIES_HOSTS = frozenset({WILDBERRIES_HOST, WILDBERRIES_SANDBOX_HOST})
UZUM_HOSTS = frozenset({UZUM_HOST})
MARKETPLACE_HOSTS = WILDBERRIES_HOSTS | UZUM_HOSTS


def check_base_url(variable: str, url: str, own_hosts: AbstractSet[str], allowed_hosts: AbstractSet[str]) -> str:
    """Check a base URL from the settings and give it without a trailing slash.

    A host is compared as it is written, so an address in any other spelling (decimal, hexadecimal, mapped) than
    the listed one is refused like any unlisted host.

    Args:
        variable: the environment variable it came from, named in the refusal.
        url: its value.
        own_hosts: the marketplace's hosts.
        allowed_hosts: `SELLERMIND_ALLOWED_HOSTS`.

    Raises:
        Misconfigured: not a plain https URL of a listed host (http is for a listed loopback host).
    """
    parts = _split(variable, url)
    host = _bare(parts.hostname or "")
    if host not in own_hosts | {_bare(allowed) for allowed in allowed_hosts}:
        raise Misconfigured(
            f"{variable} names the host {host!r}, which is not the marketplace's: correct it, "
            f"or add the host to SELLERMIND_ALLOWED_HOSTS if a token may be sent there"
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise Misconfigured(f"{variable} must begin with https:// (http:// is for this machine only)")
    return url.rstrip("/")


def _split(variable: str, url: str) -> SplitResult:
    """Take a URL apart, refusing everything that parsers read differently or that a base URL has no use for."""
    try:
        parts = urlsplit(url)
        well_formed = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # half an IPv6 address, a port that is no number
        well_formed = False
    if not well_formed or not re.fullmatch(r"[!-\[\]-~]+", url):  # printable ASCII without space and backslash
        raise Misconfigured(f"{variable} is not a URL: write it like https://{WILDBERRIES_HOST}")
    if "@" in parts.netloc or "?" in url or "#" in url:
        raise Misconfigured(f"{variable} must hold scheme, host and path only: take out user, query and fragment")
    return parts


def _bare(host: str) -> str:
    """`[::1]` and `::1` are the same host; names have no case."""
    return host.strip("[]").lower()


def _is_loopback(host: str) -> bool:
    """Say whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
