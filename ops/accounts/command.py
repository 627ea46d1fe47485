"""`sellermind account …`: the sellers' cabinets that jobs work for."""

from collections.abc import Sequence
from datetime import UTC, datetime

import click
from sqlalchemy import Engine

from ops import audit
from ops.accounts import changes, tokens
from ops.accounts.rekey import rekey
from ops.accounts.states import AccountState, owned, state_of
from ops.accounts.twins import NewAccount, refuse_twin
from ops.database import database
from ops.output import Table, columns_of, examples, json_option, show, span
from sellermind.models.accounts import Issue, Marketplace
from sellermind.models.sync import Freshness, JobPause
from sellermind.settings import Settings, load
from sellermind.storage import accounts, cursors, issues, pauses
from sellermind.storage.engine import reading, transaction
from sellermind.vault import TokenVault

LONGEST_NAME = 255
COLUMNS = ("id", "company", "marketplace", "name", "state", "token", "last success")
NO_DATE = "-"


@click.group(
    "account",
    epilog=examples(
        'sellermind account add --marketplace wb --name "Main cabinet" --company 7     (asks for the token)',
        "sellermind account add --marketplace uzum --name Uzum --company 7 --shop 1234 < token.txt",
        "sellermind account list",
        "sellermind account show 3",
        "sellermind account set-token 3 < token.txt",
        'sellermind account pause 3 --reason "the seller is on holiday"',
        "sellermind account resume 3",
        "sellermind account rekey --dry-run",
        "sellermind account remove 3 --dry-run",
    ),
)
def command() -> None:
    """Marketplace accounts: jobs run for every active one. Tokens are stored encrypted and never shown."""


for verb in (changes.pause, changes.resume, changes.set_token, changes.remove, rekey):
    command.add_command(verb)


def _printable(_context: click.Context, _option: click.Parameter, name: str) -> str:
    """What a table can show and the column can hold."""
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise click.BadParameter(f"must have 1 to {LONGEST_NAME} printable characters.")
    return name.strip()


@command.command()
@click.option("--marketplace", type=click.Choice([each.value for each in Marketplace]), required=True)
@click.option("--name", required=True, callback=_printable, help="How people call the account.")
@click.option("--company", "company_id", type=click.IntRange(min=1), required=True, help="SellerMind's company id.")
@click.option(
    "--shop",
    "shop_ids",
    type=click.IntRange(min=1),
    multiple=True,
    help="Uzum shop id, once per shop; left out: all shops.",
)
@json_option
def add(*, marketplace: str, name: str, company_id: int, shop_ids: Sequence[int], as_json: bool) -> None:
    """Add an account. Its token comes from stdin or a prompt and is checked before it is stored."""
    settings = load()
    new = NewAccount(Marketplace(marketplace), name, company_id, [str(shop_id) for shop_id in shop_ids])
    with database(settings) as engine:
        state = register(engine, settings, new, tokens.take())
    audit.record("account add", account=state.account.id, company=company_id, marketplace=marketplace)
    said = f"Added account {state.account.id} ({name}, {marketplace}); the next schedule tick works on it."
    token = "" if _token(state) == NO_DATE else f" Token: {_token(state)}."
    show(state.as_dict(), f"{said}{token}", as_json=as_json)


def register(engine: Engine, settings: Settings, new: NewAccount, token: str) -> AccountState:
    """Check a token, seal it and add the account.

    Args:
        engine: the database.
        settings: keys, and the URLs that the token must fit.
        new: what to add.
        token: as it was pasted.

    Raises:
        VerbFailed: the token cannot work, or another account of the company is the same seller's (REFUSED).
        Misconfigured: there is no key to seal it with.
    """
    clean = tokens.checked(new.marketplace, token, settings, datetime.now(UTC))
    vault = TokenVault(settings.secret_keys, settings.laravel_app_key)
    with transaction(engine) as connection:
        refuse_twin(connection, vault, clean, new)
        account_id = accounts.add(
            connection,
            company_id=new.company_id,
            marketplace=new.marketplace,
            name=new.name,
            token_cipher=vault.seal(clean),
            shop_ids=list(new.shop_ids),
        )
        return state_of(connection, vault, accounts.get(connection, account_id))


@command.command("list")
@click.option("--company", "company_id", type=int, help="Only this company's accounts.")
@click.option("--marketplace", type=click.Choice([each.value for each in Marketplace]))
@json_option
def list_accounts(*, company_id: int | None, marketplace: str | None, as_json: bool) -> None:
    """List accounts: state, days left of the token, last success. `!` marks what needs somebody soon."""
    settings = load()
    vault = TokenVault(settings.secret_keys, settings.laravel_app_key)
    wanted = Marketplace(marketplace) if marketplace else None
    with database(settings) as engine, reading(engine) as connection:
        found = accounts.list_accounts(connection, company_id=company_id, marketplace=wanted)
        states = [state_of(connection, vault, account) for account in found]
    table = Table(
        COLUMNS, [_row(state) for state in states], empty="No accounts; add one with `sellermind account add`."
    )
    show([state.as_dict() for state in states], table, as_json=as_json)


@command.command("show")
@click.argument("account_id", type=int, metavar="ID")
@click.option("--company", "company_id", type=int, help="Only if it is this company's.")
@json_option
def show_account(*, account_id: int, company_id: int | None, as_json: bool) -> None:
    """Show one account: its token's days and scopes, how fresh each job is, and its open issues."""
    settings = load()
    vault = TokenVault(settings.secret_keys, settings.laravel_app_key)
    with database(settings) as engine, reading(engine) as connection:
        state = state_of(connection, vault, owned(connection, account_id, company_id))
        jobs = [job for job in cursors.freshness(connection) if job.account_id == account_id]
        standing = [each for each in pauses.standing(connection, datetime.now(UTC)) if each.account_id == account_id]
        open_issues = issues.open_issues(connection, account_id)
    answer = {**state.as_dict(), "jobs": jobs, "paused_jobs": standing, "issues": open_issues}
    show(answer, _page(state, jobs, standing, open_issues), as_json=as_json)


def _row(state: AccountState) -> tuple[str, ...]:
    account = state.account
    return (
        str(account.id),
        str(account.company_id),
        account.marketplace.value,
        account.name,
        state.state if state.state != "revoked" else "! revoked",
        _token(state),
        _ago(state.last_success),
    )


def _token(state: AccountState) -> str:
    """`173 d`, `! expires in 3 d`, or `-` for a token without a date."""
    if state.token.warning:
        return f"! {state.token.warning}"
    return NO_DATE if state.token.days_left is None else f"{state.token.days_left} d"


def _page(state: AccountState, jobs: list[Freshness], standing: list[JobPause], open_issues: list[Issue]) -> str:
    """Everything about one account, for a person."""
    token, account = state.token, state.account
    scopes = "-" if token.scopes is None else ", ".join(token.scopes)
    lines = columns_of(Table(COLUMNS, [_row(state)]))
    lines += [f"token: {token.kind or '-'}; scopes: {scopes}{'; read only' if token.read_only else ''}"]
    if account.shop_ids:
        lines += [f"shops: {', '.join(account.shop_ids)}"]
    fresh = [(job.job, _ago(job.succeeded_at), _until(job.not_before), job.last_error or "") for job in jobs]
    lines += ["", *_section("No job has run yet.", ("job", "last success", "waits until", "last error"), fresh)]
    if standing:
        paused = [(each.job, _until(each.ends_at, "resumed"), each.paused_by, each.reason) for each in standing]
        lines += ["", *columns_of(Table(("paused job", "until", "by", "why"), paused))]
    wrong = [(issue.kind, issue.severity, str(issue.occurrences), issue.message) for issue in open_issues]
    lines += ["", *_section("No open issue.", ("issue", "severity", "times", "what the marketplace said"), wrong)]
    return "\n".join(lines)


def _section(nothing: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return columns_of(Table(columns, rows)) if rows else [nothing]


def _ago(moment: datetime | None) -> str:
    return "never" if moment is None else f"{span(datetime.now(UTC) - moment)} ago"


def _until(moment: datetime | None, otherwise: str = "-") -> str:
    return otherwise if moment is None or moment < datetime.now(UTC) else f"{moment:%Y-%m-%d %H:%M} UTC"
