"""Checks of the database, the keys, the tokens and the disk."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, select, text

from ops.accounts.states import state_of
from ops.doctor.findings import Finding, Verdict, ok
from ops.output import numbered
from schedules.specs import refuse_unknown
from sellermind.errors import Misconfigured
from sellermind.settings import CHECKOUT, Settings
from sellermind.storage import accounts, schema
from sellermind.storage.clock import database_now
from sellermind.storage.engine import reading
from sellermind.vault import TokenVault

LITTLE = 1 << 30
NOTHING = 100 << 20
SKEW = timedelta(seconds=5)
PACKET = 16 << 20
"""Bytes of a statement: a page of orders with its raw answers must fit."""


def check_machine(settings: Settings) -> list[Finding]:
    """Keys, cadences and disk: what needs no server."""
    return [_keys(settings), *_cadences(settings), _disk()]


def check_database(engine: Engine, settings: Settings) -> list[Finding]:
    """Revision, settings, clock and tokens, given that the database answers.

    Raises:
        Unavailable: it stopped answering.
    """
    try:
        schema.check(engine)
    except Misconfigured as error:
        return [Finding("database", Verdict.FAIL, str(error), "sellermind db upgrade")]
    with reading(engine) as connection:
        found = [ok("database", f"{engine.dialect.name}, at this code's revision"), _clock(connection)]
        if engine.dialect.name == "mysql":
            found.append(_packet(connection))
        vault = TokenVault(settings.secret_keys, settings.laravel_app_key)
        return [*found, *_tokens(connection, vault), _token_keys(connection, vault)]


def _keys(settings: Settings) -> Finding:
    try:
        TokenVault(settings.secret_keys, settings.laravel_app_key).seal("a token")
    except Misconfigured as error:
        return Finding("keys", Verdict.FAIL, str(error), "set SELLERMIND_SECRET_KEYS")
    return ok("keys", "tokens can be sealed")


def _cadences(settings: Settings) -> list[Finding]:
    try:
        refuse_unknown(settings)
    except Misconfigured as error:
        return [Finding("cadences", Verdict.FAIL, str(error), "mend SELLERMIND_CADENCE")]
    return []


def _disk() -> Finding:
    folder = CHECKOUT / "var" if (CHECKOUT / "var").exists() else CHECKOUT
    free = shutil.disk_usage(Path(folder)).free
    if free >= LITTLE:
        return ok("disk", f"{free >> 30} GB free")
    bad = Verdict.FAIL if free < NOTHING else Verdict.WARN
    return Finding("disk", bad, f"{free >> 20} MB free at {folder}", "make room")


def _clock(connection: Connection) -> Finding:
    ours = datetime.now(UTC)
    theirs = datetime.fromtimestamp(connection.execute(select(database_now())).scalar_one() / 1_000_000, UTC)
    if abs(theirs - ours) <= SKEW:
        return ok("database clock", "agrees with this machine")
    found = f"the database is {(theirs - ours).total_seconds():+.0f} s from this machine"
    return Finding("database clock", Verdict.WARN, found, "set both by NTP")


def _packet(connection: Connection) -> Finding:
    size = int(connection.execute(text("SELECT @@max_allowed_packet")).scalar_one())
    if size >= PACKET:
        return ok("database settings", f"max_allowed_packet is {size >> 20} MB")
    return Finding("database settings", Verdict.WARN, f"max_allowed_packet is {size >> 20} MB", "set it to 16M or more")


def _tokens(connection: Connection, vault: TokenVault) -> list[Finding]:
    """Tokens of active accounts that end soon or cannot be read, and accounts that were paused for a dead one."""
    findings = []
    for account in accounts.list_accounts(connection):
        state = state_of(connection, vault, account)
        fix = f"sellermind account set-token {account.id}"
        if state.state == "revoked":
            findings.append(Finding("token", Verdict.FAIL, f"account {account.id}: refused by the marketplace", fix))
        elif account.is_active and state.token.warning:
            bad = Verdict.WARN if state.token.readable and state.token.warning != "expired" else Verdict.FAIL
            findings.append(Finding("token", bad, f"account {account.id}: {state.token.warning}", fix))
    return findings or [ok("tokens", "all readable, none ends soon")]


def _token_keys(connection: Connection, vault: TokenVault) -> Finding:
    """Whether an old key is still needed; tokens that cannot be read are another check's."""
    old = sum(_is_old(vault, cipher) for *_, cipher in accounts.sealed_tokens(connection))
    if not old:
        return ok("token keys", "the first key opens all tokens that we sealed")
    return Finding(
        "token keys", Verdict.WARN, f"under an old key: {numbered(old, 'token')}", "sellermind account rekey"
    )


def _is_old(vault: TokenVault, cipher: str) -> bool:
    try:
        return vault.resealed(cipher) is not None
    except Misconfigured:
        return False
