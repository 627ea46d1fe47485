"""Whom we trust when we call out."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """The process's one TLS context: the certificate authorities that httpx brings, nothing from the environment."""
    return httpx.create_ssl_context(trust_env=False)
