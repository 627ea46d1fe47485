"""Tokens as an operator hands them over (stdin or a hidden prompt, never argv) and asks about them."""

import re
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta

import click
from sqlalchemy import Connection

from ops.outcome import ExitCode, VerbFailed
from sellermind.errors import AccessRevoked, Misconfigured
from sellermind.marketplaces.hosts import UZUM_HOSTS, WILDBERRIES_HOSTS, check_base_url
from sellermind.marketplaces.tokens import TokenRefused, bare, check_wildberries_token, read_wildberries_token
from sellermind.models.accounts import Account, Marketplace
from sellermind.settings import Settings
from sellermind.storage import accounts
from sellermind.vault import TokenVault

WARN_BEFORE = timedelta(days=14)
BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""What a bearer token consists of (RFC 6750, 2.1)."""
LONGEST = 8_192  # characters; a Wildberries token has some 500, and no server takes a longer header


@dataclass(frozen=True)
class TokenFacts:
    """What a stored token says of itself; None where it says nothing. Never the token."""

    readable: bool = True
    kind: str | None = None
    scopes: list[str] | None = None
    read_only: bool | None = None
    expires_at: datetime | None = None
    days_left: int | None = None

    @property
    def warning(self) -> str | None:
        """What the owner should do about it soon, if anything."""
        if not self.readable:
            return "unreadable with the keys we have"
        if self.days_left is None or self.days_left >= WARN_BEFORE.days:
            return None
        return "expired" if self.days_left < 0 else f"expires in {self.days_left} d"


def take() -> str:
    """The token from stdin, or from a prompt that does not show it when a person types.

    Raises:
        UsageError: nothing was given.
        VerbFailed: it is too long for a token (REFUSED).
    """
    given = str(click.prompt("Token", hide_input=True) if sys.stdin.isatty() else sys.stdin.read())
    given = given.removeprefix("\ufeff").strip()  # Windows' editor begins a file with this mark
    if len(given) > LONGEST:
        raise VerbFailed(
            ExitCode.REFUSED, f"The token was not stored: it has more than {LONGEST} characters; copy the token alone."
        )
    if not given:
        raise click.UsageError(
            "No token on stdin: give it as `< token.txt`, or start without a pipe to be asked for it.",
            click.get_current_context(),
        )
    return given


def seller_of(marketplace: Marketplace, token: str) -> str | None:
    """Wildberries' id of the seller that a token is for; None for a token that names none, as all of Uzum's."""
    found = read_wildberries_token(token) if marketplace is Marketplace.WILDBERRIES else None
    return found.sid if found else None


def seller_of_account(connection: Connection, vault: TokenVault, account: Account) -> str | None:
    """The seller that an account's stored token names; None if it has no token that we can open."""
    try:
        return seller_of(account.marketplace, vault.open(accounts.token_cipher(connection, account.id)))
    except (AccessRevoked, Misconfigured):
        return None


def checked(marketplace: Marketplace, token: str, settings: Settings, now: datetime) -> str:
    """The token as it goes into the request header, if it can work at the configured address.

    Args:
        marketplace: whose token it is.
        token: as it was pasted.
        settings: the marketplace's URL.
        now: against which it must not have expired.

    Raises:
        VerbFailed: it cannot work (REFUSED); the message says why and what to do.
        Misconfigured: the marketplace's URL cannot be used.
    """
    clean = _clean(token)
    try:
        if marketplace is Marketplace.WILDBERRIES:
            url = check_base_url(
                "SELLERMIND_WILDBERRIES_URL", settings.wildberries_url, WILDBERRIES_HOSTS, settings.allowed_hosts
            )
            check_wildberries_token(clean, url, now)
        else:
            check_base_url("SELLERMIND_UZUM_URL", settings.uzum_url, UZUM_HOSTS, settings.allowed_hosts)
    except TokenRefused as error:
        raise VerbFailed(ExitCode.REFUSED, f"The token was not stored: {error}.") from error
    return clean


def _clean(pasted: str) -> str:
    """The token alone; quotes around it, a line break, or two tokens in one paste are refused."""
    try:
        clean = bare(pasted)
    except AccessRevoked:
        clean = ""
    if not BEARER.fullmatch(clean):
        raise VerbFailed(
            ExitCode.REFUSED,
            "The token was not stored: it holds characters no token has; copy it alone.",
        )
    return clean


def facts(marketplace: Marketplace, token: str, now: datetime) -> TokenFacts:
    """What a token says of itself; Uzum's say nothing."""
    claims = read_wildberries_token(token) if marketplace is Marketplace.WILDBERRIES else None
    if claims is None:
        return TokenFacts()
    return TokenFacts(
        kind=claims.kind.name.lower(),
        scopes=None if claims.scopes is None else sorted(claims.scopes),
        read_only=claims.read_only,
        expires_at=claims.exp,
        days_left=claims.days_left(now),
    )
