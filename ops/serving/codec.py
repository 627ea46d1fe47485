"""Temporal's remote codec: opens and seals payloads for who holds the token, as the Web UI and `temporal` ask."""

import base64
import binascii
import hmac
from dataclasses import dataclass

from google.protobuf.json_format import MessageToJson, Parse, ParseError
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payloads

from sellermind.encryption import HistoryCodec, history_codec
from sellermind.errors import Misconfigured
from sellermind.settings import Settings

SIGN_IN, DECODE, ENCODE = "/codec/", "/codec/decode", "/codec/encode"
PATHS = frozenset({SIGN_IN, DECODE, ENCODE})
LARGEST_BODY = 4 << 20
"""Bytes of a request: as much as Temporal itself takes in one message."""


class Undecodable(Exception):
    """The body is not what the protocol promises, or its payloads do not open; says nothing of either."""


@dataclass(frozen=True)
class RemoteCodec:
    """The codec of the histories, behind a token."""

    codec: HistoryCodec
    token: str
    origin: str | None
    """Scheme, host and port of the Web UI, whose pages may ask."""

    def admits(self, authorization: str) -> bool:
        """Whether a request's Authorization header holds the token.

        Args:
            authorization: `Bearer TOKEN`, as `temporal --codec-auth` sends it; or HTTP's Basic form with the token as
                password, the only one that a browser keeps for a page of another origin. Empty if there is none.
        """
        scheme, _, given = authorization.partition(" ")
        match scheme.lower():
            case "bearer":
                secret = given.strip().encode("latin-1", "replace")
            case "basic":
                secret = _password(given)
            case _:
                return False
        return hmac.compare_digest(secret, self.token.encode())

    def change(self, path: str, body: bytes) -> str:
        """Answer one request of the protocol.

        Args:
            path: DECODE or ENCODE.
            body: JSON, `{"payloads": [{"metadata": {NAME: BASE64}, "data": BASE64}]}`.

        Returns:
            The same form with the payloads opened or sealed; what nobody sealed is opened as it is.

        Raises:
            Undecodable: see there.
        """
        step = self.codec.open if path == DECODE else self.codec.seal
        try:
            asked = Parse(body, Payloads())
            changed = [step(payload) for payload in asked.payloads]
        except (ParseError, DecodeError, Misconfigured, ValueError, RecursionError):
            raise Undecodable from None
        return MessageToJson(Payloads(payloads=changed), indent=None)


def remote_codec(settings: Settings) -> RemoteCodec | None:
    """The codec server that the settings ask for; None without a token or without keys.

    Raises:
        Misconfigured: a key is malformed.
    """
    codec, token = history_codec(settings), settings.codec_token
    return RemoteCodec(codec, token.get_secret_value(), settings.codec_origin) if codec and token else None


def _password(basic: str) -> bytes:
    """The password of `base64(user:password)`; empty where there is none."""
    try:
        return base64.b64decode(basic, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""
