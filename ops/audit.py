"""The operator's log: one line of JSON for every verb that changes something. Who, what, which ids; never a secret."""

import json
import os
import pwd
import socket
from datetime import UTC, datetime

import click

from sellermind.settings import CHECKOUT

LOG = CHECKOUT / "var" / "audit.log"


def record(verb: str, **facts: object) -> None:
    """Append one line to var/audit.log; where that cannot be written (a read-only container) it goes to stderr.

    Args:
        verb: the command, e.g. `account pause`.
        facts: ids, names and counts that say what was changed.
    """
    line = json.dumps(
        {"at": datetime.now(UTC).isoformat(timespec="seconds"), "who": who(), "verb": verb, **facts},
        ensure_ascii=False,
        default=str,
    )
    try:
        LOG.parent.mkdir(exist_ok=True)
        with LOG.open("a") as log:
            log.write(line + "\n")
    except OSError:
        click.echo(f"audit: {line}", err=True)


def who() -> str:
    """user@host; the number of a user without a name (containers). Not from variables: those anyone can set."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
