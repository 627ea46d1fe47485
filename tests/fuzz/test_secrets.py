"""Whatever stands where a token, a sealed token or a sealed payload should: opened, or refused without a word of it."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
from datetime import UTC, datetime
from typing import Any

from cryptography.fernet import Fernet
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload, Payloads

from ops.serving.codec import DECODE, ENCODE, RemoteCodec, Undecodable
from sellermind.encryption import HistoryCodec
from sellermind.errors import AccessRevoked, Misconfigured
from sellermind.marketplaces.tokens import TokenRefused, bare, budget_key, check_wildberries_token
from sellermind.vault import FERNET_PREFIX, LARAVEL_PREFIX, TokenVault
from tests.fixtures.strange import anything, bodies, spoiled
from tests.fixtures.tokens import laravel_sealed

KEY, APP_KEY = Fernet.generate_key().decode(), base64.b64encode(os.urandom(32)).decode()
VAULT = TokenVault(SecretStr(KEY), SecretStr(APP_KEY))
CODEC = HistoryCodec([KEY], seals=True)
SEALED = CODEC.seal(Payload(metadata={"encoding": b"json/plain"}, data=b"1"))
CLAIMS = {"sid": "e8a1", "exp": 1_900_000_000, "acc": 3, "t": False, "s": 1 << 4}
ENVELOPE = json.loads(base64.b64decode(laravel_sealed("a-token", APP_KEY)))
NOW = datetime(2026, 11, 24, tzinfo=UTC)
texts = st.text() | st.text(st.characters(codec="ascii"))


def encoded(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def signed(envelope: Any) -> Any:
    """An envelope with the right signature over the wrong content: what only the web application could have made."""
    if isinstance(envelope, dict) and {"iv", "value"} <= envelope.keys():
        with contextlib.suppress(UnicodeEncodeError, ValueError):
            text = (str(envelope["iv"]) + str(envelope["value"])).encode()
            return envelope | {"mac": hmac.new(base64.b64decode(APP_KEY), text, hashlib.sha256).hexdigest()}
    return envelope


envelopes = spoiled(ENVELOPE) | spoiled(ENVELOPE).map(signed) | st.just({"iv": "x", "value": "y", "mac": "й"})


@given(texts | texts.map(f"{FERNET_PREFIX}{{}}".format) | texts.map(f"{LARAVEL_PREFIX}{{}}".format))
def test_no_stored_text_makes_the_vault_crash(stored: str) -> None:
    for step in (VAULT.open, VAULT.resealed):
        with contextlib.suppress(Misconfigured):
            step(stored)


@given(envelopes.map(lambda content: base64.b64encode(json.dumps(content, separators=(",", ":")).encode()).decode()))
def test_no_envelope_of_the_web_application_makes_the_vault_crash(stored: str) -> None:
    try:
        VAULT.open(stored)
    except Misconfigured as error:
        said = str(error)
    else:
        said = ""
    assert stored not in said


@given(texts | spoiled(CLAIMS).map(lambda claims: f"{encoded({'alg': 'ES256'})}.{encoded(claims)}.c2ln"))
def test_no_token_makes_its_readers_crash(token: str) -> None:
    assert len(budget_key(token)) <= 67
    for host in ("https://marketplace-api.wildberries.ru", "https://stand-in.example"):
        with contextlib.suppress(TokenRefused):
            check_wildberries_token(token, host, NOW)
    with contextlib.suppress(AccessRevoked):
        assert bare(token).isascii()


@given(
    metadata=st.dictionaries(st.sampled_from(["encoding", "encryption-key-id", "other"]), st.binary(max_size=9)),
    data=st.binary(max_size=60) | st.just(SEALED.data) | st.integers(0, 99).map(lambda n: SEALED.data[:n]),
    sealed=st.booleans(),
)
def test_no_payload_makes_the_codec_crash(metadata: dict[str, bytes], data: bytes, *, sealed: bool) -> None:
    worn = dict(SEALED.metadata) | metadata if sealed else metadata
    with contextlib.suppress(Misconfigured):
        CODEC.open(Payload(metadata=worn, data=data))


@given(bodies(MessageToDict(Payloads(payloads=[SEALED]))), st.sampled_from((DECODE, ENCODE)))
def test_no_body_makes_the_codec_server_crash(body: bytes, path: str) -> None:
    with contextlib.suppress(Undecodable):
        json.loads(RemoteCodec(CODEC, "token", None).change(path, body))


@given(
    st.text(st.characters(max_codepoint=255)) | st.binary().map(lambda raw: f"Basic {base64.b64encode(raw).decode()}")
)
def test_no_authorization_makes_the_codec_server_crash(header: str) -> None:
    assert not RemoteCodec(CODEC, "the-only-token", None).admits(header)


@given(anything)
def test_whatever_a_token_claims_is_read_or_left_out(claims: object) -> None:
    assert len(budget_key(f"{encoded({})}.{encoded(claims)}.c2ln")) <= 67
