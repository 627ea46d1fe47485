"""`sellermind account rekey`: the end of an old key."""

import click

from ops import audit
from ops.database import database
from ops.output import json_option, show
from sellermind.settings import load
from sellermind.storage import accounts
from sellermind.storage.engine import reading, transaction
from sellermind.vault import TokenVault


@click.command()
@click.option("--dry-run", is_flag=True, help="Only count.")
@json_option
def rekey(*, dry_run: bool, as_json: bool) -> None:
    """Seal every stored token anew with the first of SELLERMIND_SECRET_KEYS.

    Safe to run twice and beside work. Tokens that SellerMind's web application stored stay as they are: it reads them.
    Histories need the old key until the server has forgotten them (docs/operations.md, chapter 2).
    """
    settings = load()
    vault = TokenVault(settings.secret_keys, settings.laravel_app_key)
    with database(settings) as engine:
        with reading(engine) as connection:
            found = accounts.sealed_tokens(connection)
        old = [(*one, after) for one in found if (after := vault.resealed(one[2]))]
        swapped = 0
        for one in () if dry_run else old:
            with transaction(engine) as connection:
                swapped += accounts.swap_token(connection, *one)
    if not dry_run:
        audit.record("account rekey", tokens=swapped)
    done = "to seal anew" if dry_run else "sealed anew"
    count = len(old) if dry_run else swapped
    show(
        {"tokens": len(found), "old": len(old), "resealed": swapped},
        f"{count} of {len(found)} tokens {done}.",
        as_json=as_json,
    )
