"""`doctor` against servers that are well, badly set, and away."""

from pathlib import Path

from cryptography.fernet import Fernet
from pydantic import SecretStr
from temporalio.client import WorkflowExecutionStatus

from sellermind.storage import accounts
from sellermind.storage.engine import transaction
from sellermind.vault import TokenVault
from tests.fixtures.desk import Desk

KEY = "4nPjAQiYOyNEKk4e0lMFYh1qDv1hbYUCFv7UEnhcjD0="


async def examine(desk: Desk, *arguments: str, **variables: str) -> tuple[int, dict[str, dict[str, str]]]:
    changed = Desk(
        desk.client, desk.engine, {**desk.environment, "SELLERMIND_SECRET_KEYS": KEY, **variables}, desk.typist
    )
    ran = await changed.type("doctor", "--json", *arguments)
    return ran.code, {row["check"]: row for row in ran.json}


async def test_the_doctor_names_what_is_wrong_with_its_remedy_and_mends_what_is_safe(working: Desk) -> None:
    account = working.add_account()
    stranger = TokenVault(SecretStr(Fernet.generate_key().decode()), None)
    with transaction(working.engine) as connection:
        accounts.set_token(connection, account, stranger.seal("a.b.c"))
    code, found = await examine(working)
    assert code == 1
    assert (found["schedules"]["verdict"], found["schedules"]["fix"]) == ("FAIL", "sellermind schedules apply")
    assert (found["retention"]["verdict"], found["token"]["verdict"]) == ("WARN", "FAIL")
    assert found["token"]["fix"] == f"sellermind account set-token {account}"
    for check in ("temporal", "search attributes", "fairness", "clocks", "keys", "database", "database clock", "disk"):
        assert found[check]["verdict"] == "OK", found[check]
    probes = [run.status async for run in working.client.list_workflows('WorkflowType="Probe"')]
    assert probes
    assert set(probes) == {WorkflowExecutionStatus.COMPLETED}
    with transaction(working.engine) as connection:
        accounts.pause(connection, account)
    _, mended = await examine(working, "--fix")
    assert {mended[check]["verdict"] for check in ("schedules", "retention", "tokens")} == {"OK"}
    assert mended["workers"]["found"].startswith("nobody polls queue ")


async def test_what_is_away_is_one_finding_among_the_others(desk: Desk, tmp_path: Path) -> None:
    code, found = await examine(
        desk, TEMPORAL_ADDRESS="127.0.0.1:1", SELLERMIND_DATABASE_URL=f"sqlite:///{tmp_path}/empty.db"
    )
    assert code == 1
    assert found["temporal"]["verdict"] == "FAIL"
    assert (found["database"]["verdict"], found["database"]["fix"]) == ("FAIL", "sellermind db upgrade")
    _, without = await examine(desk, SELLERMIND_SECRET_KEYS="", TEMPORAL_NAMESPACE="nowhere")
    assert (without["keys"]["verdict"], without["temporal"]["verdict"]) == ("FAIL", "FAIL")


async def test_tokens_under_an_old_key_are_counted_until_they_are_sealed_anew(desk: Desk) -> None:
    account, old = desk.add_account(), Fernet.generate_key().decode()
    with transaction(desk.engine) as connection:
        accounts.set_token(connection, account, TokenVault(SecretStr(old), None).seal("a.b.c"))
    keys = f"{KEY},{old}"
    _, found = await examine(desk, SELLERMIND_SECRET_KEYS=keys)
    assert (found["token keys"]["verdict"], found["token keys"]["fix"]) == ("WARN", "sellermind account rekey")
    assert found["token keys"]["found"] == "under an old key: 1 token"
    desk.environment["SELLERMIND_SECRET_KEYS"] = keys
    assert (await desk.type("account", "rekey")).code == 0
    _, found = await examine(desk, SELLERMIND_SECRET_KEYS=keys)
    assert found["token keys"]["verdict"] == "OK"
