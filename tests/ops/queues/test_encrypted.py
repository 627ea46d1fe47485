"""Verbs over encrypted histories: readable with the keys, told as closed without them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from cryptography.fernet import Fernet
from pydantic import SecretStr
from temporalio.client import Client
from temporalio.worker import Worker

from sellermind.settings import Settings
from sellermind.temporal import data_converter
from tests.fixtures.desk import Desk
from tests.fixtures.failing_jobs import TwoSteps, first_step, second_step

KEY, OTHER = Fernet.generate_key().decode(), Fernet.generate_key().decode()


async def test_a_failure_is_shown_with_the_key_and_named_without_it(desk: Desk) -> None:
    converter = data_converter(Settings(_env_file=None, secret_keys=SecretStr(KEY)))
    sealing = Client(desk.client.service_client, namespace=desk.client.namespace, data_converter=converter)
    with ThreadPoolExecutor(2) as threads:
        async with Worker(
            sealing,
            task_queue="high",
            workflows=[TwoSteps],
            activities=[first_step, second_step],
            activity_executor=threads,
        ):
            await replace(desk, client=sealing).fail("sealed/1")
    history = await desk.client.get_workflow_handle("sealed/1").fetch_history()
    assert "hunter2" not in history.to_json()
    for keys, message in (
        (KEY, "sealed/1 is broken, password=[redacted]"),
        (f"{OTHER},{KEY}", "sealed/1 is broken, password=[redacted]"),
        (OTHER, "(encrypted: SELLERMIND_SECRET_KEYS does not hold its key)"),
    ):
        desk.environment["SELLERMIND_SECRET_KEYS"] = keys
        (failed,) = (await desk.type("queue", "failed", "--json")).json
        assert (failed["error_type"], failed["message"]) == ("Refused", message)
