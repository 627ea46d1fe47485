"""The codec server: histories are readable for who has its token, in the terminal too, and for nobody else."""

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet
from google.protobuf.json_format import MessageToDict, ParseDict
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.client import Client

from ops.serving.codec import LARGEST_BODY
from sellermind.encryption import HistoryCodec
from sellermind.settings import Settings
from sellermind.temporal import data_converter
from tests.fixtures.command_line import clean_environment
from tests.fixtures.desk import Desk
from tests.fixtures.serving import serving

TOKEN = "a-codec-token-of-some-length"
ORIGIN = "https://temporal.example.com"
KEY, OTHER = Fernet.generate_key().decode(), Fernet.generate_key().decode()
CANARY = "canary-7f3a"
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'"canary-7f3a"')
BEARER = {"Authorization": f"Bearer {TOKEN}", "X-Namespace": "default"}
CODEC = {"SELLERMIND_CODEC_TOKEN": TOKEN, "SELLERMIND_CODEC_ORIGIN": ORIGIN}


@pytest.fixture(scope="module")
def codec() -> Iterator[httpx.Client]:
    """A server with a codec; neither Temporal nor the database are there."""
    away = {"TEMPORAL_ADDRESS": "127.0.0.1:1", "SELLERMIND_DATABASE_URL": "mysql+pymysql://root@127.0.0.1:1/none"}
    with serving(clean_environment(SELLERMIND_SECRET_KEYS=KEY, **CODEC, **away)) as http:
        yield http


def wire(*payloads: Payload) -> dict[str, object]:
    return dict(MessageToDict(Payloads(payloads=payloads)))


def test_what_was_encoded_is_decoded_in_its_order(codec: httpx.Client) -> None:
    first = codec.post("/codec/encode", json=wire(PLAIN, PLAIN), headers=BEARER)
    assert first.status_code == 200
    assert CANARY not in first.text
    assert base64.b64encode(PLAIN.data).decode() not in first.text
    sealed = [ParseDict(one, Payload()) for one in first.json()["payloads"]]
    assert [HistoryCodec([KEY], seals=True).open(one) for one in sealed] == [PLAIN, PLAIN]
    plain = Payload(metadata={"encoding": b"binary/null"})
    assert codec.post("/codec/decode", json=wire(sealed[0], plain), headers=BEARER).json() == wire(PLAIN, plain)
    assert codec.post("/codec/decode", json={"payloads": []}, headers=BEARER).json() == {}


@pytest.mark.parametrize(
    "authorization", ["", TOKEN, "Bearer", "Bearer wrong", f"Bearer {TOKEN}x", "Basic ?", "Basic eA==", "Bearer \xff"]
)
def test_a_wrong_token_reads_nothing(codec: httpx.Client, authorization: str) -> None:
    headers = [(b"authorization", authorization.encode("latin-1"))]
    for path in ("decode", "encode"):
        assert codec.post(f"/codec/{path}", json=wire(PLAIN), headers=headers).status_code == 401
    assert codec.get("/codec/", headers=headers).status_code == 401


def test_a_browser_s_password_is_the_token(codec: httpx.Client) -> None:
    assert codec.get("/codec/").headers["WWW-Authenticate"].startswith("Basic ")
    assert codec.get("/codec/", auth=("anybody", TOKEN)).status_code == 200
    assert codec.post("/codec/decode", json=wire(PLAIN), auth=("", TOKEN)).json() == wire(PLAIN)
    assert codec.post("/codec/decode", json=wire(PLAIN), auth=(TOKEN, "")).status_code == 401


def test_only_pages_of_the_configured_origin_may_read_answers(codec: httpx.Client) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-namespace"}
    allowed = codec.options("/codec/decode", headers=asked | {"Origin": ORIGIN})
    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert allowed.headers["Access-Control-Allow-Credentials"] == "true"
    assert {"authorization", "content-type", "x-namespace"} == {
        name.strip().lower() for name in allowed.headers["Access-Control-Allow-Headers"].split(",")
    }
    own = codec.post("/codec/decode", json=wire(PLAIN), headers=BEARER | {"Origin": ORIGIN})
    refused = codec.post("/codec/decode", json=wire(PLAIN), headers={"Origin": ORIGIN})
    assert own.headers["Access-Control-Allow-Origin"] == refused.headers["Access-Control-Allow-Origin"] == ORIGIN
    for other in ("https://evil.example.com", "null", ORIGIN + ".evil.com", ORIGIN.upper(), "*"):
        answers = [
            codec.options("/codec/decode", headers=asked | {"Origin": other}),
            codec.post("/codec/decode", json=wire(PLAIN), headers=BEARER | {"Origin": other}),
        ]
        assert not any("Access-Control-Allow-Origin" in answer.headers for answer in answers)


def test_a_bad_body_is_refused_without_a_word_of_it(codec: httpx.Client) -> None:
    sealed = HistoryCodec([OTHER], seals=True).seal(PLAIN)
    bad = [
        b"", b"[1]", b"{", b"\xff", b'{"payloads": 1}', b'{"payloads": [{"data": 1}]}', b'{"canary-7f3a": 1}',
        b"[" * 100_000, json.dumps(wire(sealed)).encode(),
    ]  # fmt: skip
    for body in bad:
        answer = codec.post("/codec/decode", content=body, headers=BEARER)
        assert answer.status_code == 400, body[:50]
        assert CANARY not in answer.text
        assert sealed.metadata["encryption-key-id"].decode() not in answer.text
    assert codec.post("/codec/decode", content=b" " * (LARGEST_BODY + 1), headers=BEARER).status_code == 413
    assert codec.post("/codec/decode", content=iter([b"{}"]), headers=BEARER).status_code == 413
    assert codec.post("/codec/other", json={}, headers=BEARER).status_code == 404
    assert codec.post("/codec/decode", json=wire(PLAIN), headers=BEARER).status_code == 200


@pytest.mark.parametrize("missing", [{"SELLERMIND_SECRET_KEYS": ""}, {"SELLERMIND_CODEC_TOKEN": ""}])
def test_without_token_or_keys_there_is_no_codec(missing: dict[str, str]) -> None:
    with serving(clean_environment(SELLERMIND_SECRET_KEYS=KEY, **CODEC) | missing) as http:
        assert http.post("/codec/decode", json=wire(PLAIN), headers=BEARER).status_code == 404
        assert http.options("/codec/decode", headers={"Origin": ORIGIN}).status_code == 404
        assert http.get("/codec/", headers=BEARER).status_code == 404


async def test_the_temporal_command_line_reads_a_sealed_history_through_it(desk: Desk, codec: httpx.Client) -> None:
    converter = data_converter(Settings(_env_file=None, secret_keys=SecretStr(KEY)))
    sealing = Client(desk.client.service_client, namespace=desk.client.namespace, data_converter=converter)
    await replace(desk, client=sealing).start("sealed/1", patient=True)
    line = [str(Path(sys.executable).parent / "temporal"), "workflow", "show", "--workflow-id", "sealed/1"]
    line += ["--address", desk.environment["TEMPORAL_ADDRESS"], "--namespace", desk.client.namespace, "-o", "json"]

    async def shown(*options: str) -> str:
        command = [*line, *options]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    through = ("--codec-endpoint", f"{codec.base_url}/codec", "--codec-auth")
    assert base64.b64encode(b"json/plain").decode() not in await shown()
    opened = json.loads(await shown(*through, f"Bearer {TOKEN}"))
    (given,) = opened["events"][0]["workflowExecutionStartedEventAttributes"]["input"]["payloads"]
    assert base64.b64decode(given["data"]) == b"true"
    assert "input" not in await shown(*through, "Bearer wrong")
