"""Histories are sealed with the first key, opened with any, and what nobody sealed is read as it is."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.client import Client, WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.worker import Replayer

from schedules.apply import apply
from sellermind.encryption import HistoryCodec, is_sealed
from sellermind.errors import Misconfigured, Unavailable
from sellermind.settings import Settings
from sellermind.temporal import data_converter
from workflows.catalog import SCHEDULED, WORKFLOWS

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
CANARY = "canary-7f3a"
HISTORIES = Path(__file__).resolve().parent.parent / "replay" / "histories"
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'"canary-7f3a"')


def settings(*keys: str, encrypt: bool = True) -> Settings:
    return Settings(_env_file=None, secret_keys=SecretStr(",".join(keys)), encrypt_histories=encrypt)


def test_a_payload_is_sealed_with_the_first_key_and_opened_with_any() -> None:
    sealed = HistoryCodec([OLD], seals=True).seal(PLAIN)
    assert CANARY.encode() not in sealed.SerializeToString()
    rotated = HistoryCodec([NEW, OLD], seals=True)
    assert rotated.open(sealed) == PLAIN
    assert (rotated.is_current(sealed), rotated.is_current(rotated.seal(PLAIN))) == (False, True)
    assert sealed.metadata["encryption-key-id"] != rotated.seal(PLAIN).metadata["encryption-key-id"]


def test_one_text_is_sealed_into_other_bytes_each_time() -> None:
    codec = HistoryCodec([OLD], seals=True)
    assert codec.seal(PLAIN).data != codec.seal(PLAIN).data


def test_what_nobody_sealed_passes_and_a_codec_that_seals_nothing_opens() -> None:
    idle = HistoryCodec([OLD], seals=False)
    assert idle.open(PLAIN) == idle.seal(PLAIN) == PLAIN
    assert idle.open(HistoryCodec([OLD], seals=True).seal(PLAIN)) == PLAIN


def test_a_missing_key_is_named_and_a_changed_payload_is_refused() -> None:
    sealed = HistoryCodec([OLD], seals=True).seal(PLAIN)
    name = sealed.metadata["encryption-key-id"].decode()
    with pytest.raises(Misconfigured, match=rf"{name}.*SELLERMIND_SECRET_KEYS"):
        HistoryCodec([NEW], seals=True).open(sealed)
    for data in (sealed.data[:-1] + b"?", b"", sealed.data[:20]):
        with pytest.raises(Misconfigured, match="was changed"):
            HistoryCodec([OLD], seals=True).open(Payload(metadata=sealed.metadata, data=data))


async def test_a_failure_keeps_its_type_and_hides_its_message() -> None:
    failure = Failure()
    await data_converter(settings(OLD)).encode_failure(Unavailable(f"{CANARY} is away"), failure)
    assert failure.application_failure_info.type == "Unavailable"
    assert CANARY not in str(failure)
    told = await data_converter(settings(NEW, OLD, encrypt=False)).decode_failure(failure)
    assert f"{CANARY} is away" in str(told)


def test_without_a_key_nothing_is_encrypted() -> None:
    assert data_converter(Settings(_env_file=None)).payload_codec is None


async def sealed_as(history: WorkflowHistory, converter: DataConverter) -> WorkflowHistory:
    """A recorded history as it would be, had it been written with that converter."""
    codec = converter.payload_codec
    assert isinstance(codec, HistoryCodec)
    for event in history.events:
        attributes = getattr(event, str(event.WhichOneof("attributes")))
        for name in ("input", "result", "details"):
            if name in attributes.DESCRIPTOR.fields_by_name and attributes.HasField(name):
                await codec.encode_wrapper(getattr(attributes, name))
    return history


@pytest.mark.parametrize("kind", ["SyncNewWildberriesOrders", "SyncAllAccounts", "ProcessGenerationTask"])
async def test_old_histories_replay_under_a_rotated_keyring_plain_or_sealed_with_the_old_key(kind: str) -> None:
    (path, *_) = sorted((HISTORIES / kind).glob("*.json"))
    plain = WorkflowHistory.from_json("old", path.read_text(encoding="utf-8"))
    rotated = data_converter(settings(NEW, OLD))
    await Replayer(workflows=WORKFLOWS, data_converter=rotated).replay_workflow(plain)
    old = await sealed_as(plain, data_converter(settings(OLD)))
    assert is_sealed(old.events[0].workflow_execution_started_event_attributes.input.payloads[0])
    await Replayer(workflows=WORKFLOWS, data_converter=rotated).replay_workflow(old)


def with_keys(client: Client, *keys: str) -> Client:
    return Client(client.service_client, namespace=client.namespace, data_converter=data_converter(settings(*keys)))


async def test_schedules_are_sealed_anew_after_a_rotation_and_only_then(namespace: Client) -> None:
    jobs = [job.name for job in SCHEDULED]
    assert (await apply(with_keys(namespace, OLD), settings(OLD))).created == jobs
    assert (await apply(with_keys(namespace, OLD), settings(OLD))).unchanged == jobs
    assert (await apply(with_keys(namespace, NEW, OLD), settings(NEW, OLD))).updated == jobs
    assert (await apply(with_keys(namespace, NEW), settings(NEW))).unchanged == jobs
