"""Histories that only we can read: payloads sealed with AES-GCM, under keys made from SELLERMIND_SECRET_KEYS."""

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from sellermind.errors import Misconfigured
from sellermind.settings import Settings
from sellermind.vault import fernet_keys

# The names that Temporal's own samples use.
ENCODING, SEALED = "encoding", b"binary/encrypted"
KEY_ID = "encryption-key-id"
PURPOSE = b"sellermind history"
"""Makes these keys others than those that seal tokens, from the same secret."""
KEY_BYTES, ID_BYTES, NONCE_BYTES = 32, 4, 12


@dataclass(frozen=True)
class HistoryKey:
    """A key and the id that stands beside what it sealed; the id tells nothing of the key."""

    id: bytes
    cipher: AESGCM


class HistoryCodec(PayloadCodec):
    """Seals payloads with the first key, opens them with any, and lets through what nobody sealed."""

    def __init__(self, secrets: Sequence[str], *, seals: bool) -> None:
        """Derive the keys.

        Args:
            secrets: valid Fernet keys, at least one.
            seals: whether new payloads are sealed; opening works always.
        """
        keys = [_derived(base64.urlsafe_b64decode(secret)) for secret in secrets]
        self._first = keys[0] if seals else None
        self._keys = {key.id: key for key in keys}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seal payloads on their way to Temporal."""
        return [self.seal(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open payloads from Temporal.

        Raises:
            Misconfigured: as `open`.
        """
        return [self.open(payload) for payload in payloads]

    def seal(self, payload: Payload) -> Payload:
        """Seal one payload, its metadata too."""
        if self._first is None:
            return payload
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._first.cipher.encrypt(nonce, payload.SerializeToString(), None)
        return Payload(metadata={ENCODING: SEALED, KEY_ID: self._first.id}, data=nonce + sealed)

    def open(self, payload: Payload) -> Payload:
        """Open one payload; what is not sealed is given back as it is.

        Raises:
            Misconfigured: its key is not among ours, or it was changed.
        """
        if not is_sealed(payload):
            return payload
        name = payload.metadata.get(KEY_ID, b"")
        key = self._keys.get(name)
        if key is None:
            raise Misconfigured(
                f"A history is sealed with the key {name[: 2 * ID_BYTES]!r}, which SELLERMIND_SECRET_KEYS does not "
                "hold: add the key that was used then behind the first one."
            )
        try:
            opened = key.cipher.decrypt(payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:], None)
        except (InvalidTag, ValueError):  # ValueError: shorter than a nonce
            raise Misconfigured("A payload in a history was changed since it was sealed: restore it.") from None
        return Payload.FromString(opened)

    def is_current(self, payload: Payload) -> bool:
        """Whether `seal` would seal it as it is: with the first key, or not at all."""
        if self._first is None:
            return not is_sealed(payload)
        return is_sealed(payload) and payload.metadata.get(KEY_ID) == self._first.id


def is_sealed(payload: Payload) -> bool:
    """Whether a payload is encrypted, by whichever key."""
    return payload.metadata.get(ENCODING) == SEALED


def history_codec(settings: Settings) -> HistoryCodec | None:
    """The codec that the settings ask for; None without a key.

    Raises:
        Misconfigured: a key is malformed.
    """
    secrets = fernet_keys(settings.secret_keys)
    return HistoryCodec(secrets, seals=settings.encrypt_histories) if secrets else None


def _derived(secret: bytes) -> HistoryKey:
    made = HKDF(SHA256(), length=KEY_BYTES + ID_BYTES, salt=None, info=PURPOSE).derive(secret)
    return HistoryKey(made[KEY_BYTES:].hex().encode(), AESGCM(made[:KEY_BYTES]))
