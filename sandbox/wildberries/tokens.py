"""Wildberries tokens: JWTs with the claims of the real ones, signed and checked by the sandbox (HS256)."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

MARKETPLACE = 4
READ_ONLY = 30
_HEADER = {"alg": "HS256", "kid": "20260901v1", "typ": "JWT"}
_PARTS = 3


@dataclass(frozen=True, slots=True)
class Claims:
    """What the gateway reads from a token.

    Attributes:
        sid: the seller's id; every token of a seller has the same.
        token_id: this token's own id.
        kind: claim `acc`: 1 basic, 2 test, 3 personal, 4 service.
        scopes: claim `s`, a bit mask: bit 4 marketplace, bit 30 read only.
        test: claim `t`: for the test contour.
        expires: claim `exp`, epoch seconds.
    """

    sid: str
    token_id: str
    kind: int
    scopes: int
    test: bool
    expires: int

    def allows(self, bit: int) -> bool:
        """Say whether a bit of the scope mask is set."""
        return bool(self.scopes >> bit & 1)


class BadToken(ValueError):
    """The token cannot be read; the text is what the gateway says."""


def secret(seed: int) -> bytes:
    """Return the signing key of a world: the same seed gives the same tokens."""
    return hashlib.sha256(f"sandbox {seed}".encode()).digest()


def sign(claims: Claims, key: bytes) -> str:
    """Return the token that carries these claims."""
    body: dict[str, object] = {
        "acc": claims.kind,
        "ent": 1,
        "exp": claims.expires,
        "id": claims.token_id,
        "iid": UUID(claims.sid).int % 100_000_000,
        "oid": UUID(claims.sid).int % 10_000_000,
        "s": claims.scopes,
        "sid": claims.sid,
        "t": claims.test,
        "uid": UUID(claims.sid).int % 100_000_000,
    }
    body |= {3: {"for": "self"}, 4: {"for": "asid:sellermind"}}.get(claims.kind, {})
    signed = f"{_part(_HEADER)}.{_part(body)}"
    return f"{signed}.{_encode(_signature(signed, key))}"


def read(token: str, key: bytes) -> Claims:
    """Check a token's signature and return its claims.

    Raises:
        BadToken: not a JWT, not ours, or without the claims of a Wildberries token.
    """
    if not token:
        raise BadToken("token problem; token is missing")
    parts = token.split(".")
    if len(parts) != _PARTS:
        raise BadToken("token problem; token is malformed: token contains an invalid number of segments")
    signature = _decode(parts[2], "signature")
    if not hmac.compare_digest(signature, _signature(f"{parts[0]}.{parts[1]}", key)):
        raise BadToken("token problem; token signature is invalid: signature is invalid")
    body = json.loads(_decode(parts[1], "claim"))
    return Claims(
        sid=body["sid"],
        token_id=body["id"],
        kind=body["acc"],
        scopes=body["s"],
        test=body["t"],
        expires=body["exp"],
    )


def _part(value: Mapping[str, object]) -> str:
    return _encode(json.dumps(value, separators=(",", ":")).encode())


def _signature(signed: str, key: bytes) -> bytes:
    return hmac.new(key, signed.encode("ascii", "replace"), hashlib.sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadToken(f"token problem; token is malformed: could not base64 decode {what}") from None
