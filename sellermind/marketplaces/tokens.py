"""What a token says of itself, read without a call: a wrong one would cost the seller ten calls to find out."""

import base64
import binascii
import hashlib
import re
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import from_json

from sellermind.errors import AccessRevoked
from sellermind.marketplaces.hosts import WILDBERRIES_HOST, WILDBERRIES_HOSTS, WILDBERRIES_SANDBOX_HOST
from sellermind.models.accounts import Marketplace
from sellermind.models.payload import Payload

READ_ONLY_BIT = 30
MARKETPLACE_SCOPE = "marketplace"
SCOPE_BITS = {
    1: "content",
    2: "analytics",
    3: "prices",
    4: MARKETPLACE_SCOPE,
    5: "statistics",
    6: "promotion",
    7: "feedbacks",
    9: "chat",
    10: "fbw-supplies",
    11: "returns",
    12: "documents",
    13: "finance",
    16: "users",
}


class TokenRefused(ValueError):
    """A token that cannot work here; the message says why and what to do, and holds nothing of the token."""


class TokenKind(IntEnum):
    """Claim `acc` of a Wildberries token."""

    UNKNOWN = 0
    BASIC = 1
    TEST = 2
    PERSONAL = 3
    SERVICE = 4


class WildberriesToken(Payload):
    """The claims of a Wildberries token, unverified; None where it says nothing."""

    sid: str | None = None
    """Seller: all tokens of one seller share one rate budget."""
    exp: datetime | None = None
    kind: TokenKind = TokenKind.UNKNOWN
    is_test: bool = False
    scopes: frozenset[str] | None = None
    read_only: bool = False

    def days_left(self, now: datetime) -> int | None:
        """Count whole days until it expires; negative when it has."""
        return None if self.exp is None else (self.exp - now).days


def bare(token: str) -> str:
    """Strip a pasted token of white space and a `Bearer ` prefix, which neither marketplace takes.

    Raises:
        AccessRevoked: nothing is left, or characters that no header can carry.
    """
    found = re.sub(r"(?i)^bearer(\s+|$)", "", token.strip())
    if not re.fullmatch(r"[!-~]+", found):
        raise AccessRevoked("the stored token is empty or damaged: set a new one with `sellermind account set-token`")
    return found


def read_wildberries_token(token: str) -> WildberriesToken | None:
    """Decode a Wildberries token without verifying it; None if it is no JWT at all."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header.claims.signature
        return None
    try:
        claims = from_json(base64.b64decode(parts[1] + "=" * (-len(parts[1]) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return None
    return _token_of(claims) if isinstance(claims, dict) else None


def _token_of(claims: dict[str, Any]) -> WildberriesToken:
    """Read the claims we use; one of another type than documented counts as absent."""
    sid, kind, scopes = claims.get("sid"), _whole(claims.get("acc")), _whole(claims.get("s"))
    return WildberriesToken(
        sid=sid if isinstance(sid, str) and re.fullmatch(r"[0-9A-Za-z_-]{1,64}", sid) else None,
        exp=_moment(_whole(claims.get("exp"))),
        kind=TokenKind(kind) if kind in list(TokenKind) else TokenKind.UNKNOWN,
        is_test=claims.get("t") is True or kind == TokenKind.TEST,
        scopes=None if scopes is None else frozenset(name for bit, name in SCOPE_BITS.items() if scopes >> bit & 1),
        read_only=bool(scopes and scopes >> READ_ONLY_BIT & 1),
    )


def _whole(claim: object) -> int | None:
    """Give an integer claim, or None."""
    return claim if isinstance(claim, int) and not isinstance(claim, bool) else None


def _moment(seconds: int | None) -> datetime | None:
    """Give the time of an epoch claim, or None if no calendar has it."""
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def check_wildberries_token(token: str, base_url: str, now: datetime) -> WildberriesToken:
    """Check that a token can work at `base_url`, and give what it says.

    A token without a claim is given the benefit of the doubt, and an opaque one is accepted away from
    Wildberries' own hosts: stand-ins hand out whatever they like.

    Raises:
        TokenRefused: no JWT, expired, without the category Marketplace, or a test token on the production host
            or the other way round.
    """
    host = urlsplit(base_url).hostname or ""
    found = read_wildberries_token(token)
    if found is None:
        if host in WILDBERRIES_HOSTS:
            raise TokenRefused("this is no Wildberries token: copy the whole text from the seller portal (API access)")
        return WildberriesToken()
    if found.exp and found.exp <= now:
        raise TokenRefused(f"it expired on {found.exp:%Y-%m-%d %H:%M} UTC: create a new one in the seller portal")
    if found.scopes is not None and MARKETPLACE_SCOPE not in found.scopes:
        raise TokenRefused("it lacks the category Marketplace: create one that has it in the seller portal")
    if host == WILDBERRIES_HOST and found.is_test:
        raise TokenRefused(
            f"it is a test token, and {WILDBERRIES_HOST} is production: create a personal or service token, "
            f"or set SELLERMIND_WILDBERRIES_URL=https://{WILDBERRIES_SANDBOX_HOST}"
        )
    if host == WILDBERRIES_SANDBOX_HOST and not found.is_test:
        raise TokenRefused(
            f"{WILDBERRIES_SANDBOX_HOST} takes test tokens only: create one in the seller portal, "
            f"or set SELLERMIND_WILDBERRIES_URL=https://{WILDBERRIES_HOST}"
        )
    return found


def budget_key(token: str, marketplace: Marketplace = Marketplace.WILDBERRIES) -> str:
    """Name the seller's rate budget: `wb:<sid>`; a hash of the token where it names no seller, as Uzum's never do."""
    claims = read_wildberries_token(token) if marketplace is Marketplace.WILDBERRIES else None
    if claims and claims.sid:
        return f"{marketplace}:{claims.sid}"
    return f"{marketplace}:{hashlib.sha256(token.encode(errors='backslashreplace')).hexdigest()[:32]}"
