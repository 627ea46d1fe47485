"""`sellermind account pause, resume, set-token, remove`."""

from datetime import UTC, datetime

import click

from ops import audit
from ops.accounts import tokens
from ops.accounts.states import owned
from ops.accounts.twins import refuse_twin
from ops.confirmation import confirm
from ops.database import database
from ops.outcome import ExitCode, VerbFailed
from ops.output import json_option, numbered, show
from sellermind.models.accounts import Account
from sellermind.settings import load
from sellermind.storage import account_removal, accounts, order_views
from sellermind.storage.engine import reading, transaction
from sellermind.vault import TokenVault

account_argument = click.argument("account_id", type=int, metavar="ID")
company_option = click.option("--company", "company_id", type=int, help="Only if it is this company's.")


@click.command()
@account_argument
@company_option
@click.option("--reason", help="Why; kept in the audit log.")
@json_option
def pause(*, account_id: int, company_id: int | None, reason: str | None, as_json: bool) -> None:
    """Leave the account out of every schedule tick until `resume`.

    A job that runs for it now ends as usual; one that waits for its next try ends there, and is no failure.
    """
    with database(load()) as engine, transaction(engine) as connection:
        owned(connection, account_id, company_id)
        accounts.pause(connection, account_id)
    audit.record("account pause", account=account_id, reason=reason)
    show({"id": account_id, "state": "paused"}, f"Account {account_id} is paused.", as_json=as_json)


@click.command()
@account_argument
@company_option
@json_option
def resume(*, account_id: int, company_id: int | None, as_json: bool) -> None:
    """Let the schedules work on the account again; its open issues are closed and its waits are over."""
    with database(load()) as engine, transaction(engine) as connection:
        refused = not owned(connection, account_id, company_id).tokens_valid
        accounts.resume(connection, account_id)
    audit.record("account resume", account=account_id)
    hint = f" Its token was refused; a new one: `sellermind account set-token {account_id}`." if refused else ""
    show({"id": account_id, "state": "active"}, f"Account {account_id} is active again.{hint}", as_json=as_json)


@click.command("set-token")
@account_argument
@company_option
@json_option
def set_token(*, account_id: int, company_id: int | None, as_json: bool) -> None:
    """Replace the account's token (from stdin or a prompt; checked first) and let the schedules work on it again."""
    settings = load()
    vault = TokenVault(settings.secret_keys, settings.laravel_app_key)
    with database(settings) as engine:
        with reading(engine) as connection:
            account = owned(connection, account_id, company_id)
            seller = tokens.seller_of_account(connection, vault, account)
        clean = tokens.checked(account.marketplace, tokens.take(), settings, datetime.now(UTC))
        given = tokens.seller_of(account.marketplace, clean)
        if seller and given and seller != given:
            raise VerbFailed(ExitCode.REFUSED, "The token is another seller's: add an account for that seller.")
        with transaction(engine) as connection:
            refuse_twin(connection, vault, clean, account, but=account_id)
            accounts.set_token(connection, account_id, vault.seal(clean))
    audit.record("account set-token", account=account_id)
    days = tokens.facts(account.marketplace, clean, datetime.now(UTC)).days_left
    lasts = "" if days is None else f"; it lasts {days} days"
    show(
        {"id": account_id, "state": "active", "days_left": days},
        f"Account {account_id} has a new token and is active{lasts}.",
        as_json=as_json,
    )


@click.command()
@account_argument
@company_option
@click.option("--with-orders", is_flag=True, help="Delete its orders too; without it an account that has some stays.")
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def remove(
    *, account_id: int, company_id: int | None, with_orders: bool, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Delete an account with its token, logs and, if you say so, its orders. Shows what goes, then asks."""
    with database(load()) as engine:
        with reading(engine) as connection:
            account = owned(connection, account_id, company_id)
            count = order_views.counts(connection)[account_id]
        _refuse_orders(account, count, with_orders=with_orders)
        goes = f"account {account_id} ({account.name}, {account.marketplace.value}) and {numbered(count, 'order')}"
        answer = {"id": account_id, "orders": count, "removed": not dry_run}
        if dry_run:
            show(answer, f"Would delete {goes}.", as_json=as_json)
            return
        confirm(f"Delete {goes}?", yes=yes)
        with transaction(engine) as connection:
            account_removal.remove(connection, account_id, with_orders=with_orders)
    audit.record("account remove", account=account_id, orders=count)
    show(answer, f"Deleted {goes}.", as_json=as_json)


def _refuse_orders(account: Account, count: int, *, with_orders: bool) -> None:
    if count and not with_orders:
        raise VerbFailed(
            ExitCode.REFUSED,
            f"Account {account.id} has {numbered(count, 'order')}: pause it instead, or add --with-orders to "
            "delete them too.",
        )
